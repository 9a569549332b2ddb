import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { AddWorkerDialog } from '../workers/add-worker-dialog.js';
import { Enrolments } from '../workers/enrolments.js';
import { useEnrolments } from '../workers/use-workers.js';

/** Permissions to add a worker. */
export function Tokens() {
  const { data } = useEnrolments();
  const [isAdding, setAdding] = useState(false);
  return (
    <Section
      title="Worker tokens"
      action={
        <Button onClick={() => setAdding(true)} icon={<Plus size={15} aria-hidden />}>
          Add a worker…
        </Button>
      }
    >
      <p className="text-sm text-muted">
        An enrolment token lets one worker in and is good for an hour; the worker then has a token of its own, which is
        revoked by removing the worker.
      </p>
      {data?.data.length === 0 && <p className="text-sm">No enrolment is open.</p>}
      <Enrolments />
      {isAdding && <AddWorkerDialog onClose={() => setAdding(false)} />}
    </Section>
  );
}
