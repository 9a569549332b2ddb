import type { Enrolment } from '@corch/contract';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { RelativeTime } from '../ui/time.js';
import { useEnrolments, useRevokeEnrolment } from './use-workers.js';

/** Permissions to add a worker that were not used yet. */
export function Enrolments() {
  const { data } = useEnrolments();
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">Open enrolments</h2>
      <ul className="flex flex-col gap-2">
        {data.data.map((enrolment) => (
          <EnrolmentRow key={enrolment.id} enrolment={enrolment} />
        ))}
      </ul>
    </section>
  );
}

function EnrolmentRow({ enrolment: { id, createdBy, createdAt, expiresAt } }: { enrolment: Enrolment }) {
  const revoke = useRevokeEnrolment(id);
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-xl border border-line bg-surface px-4 py-3 text-sm">
      <code className="font-mono text-[0.8125rem]">…{id.slice(-6)}</code>
      <span className="text-muted">
        made by {createdBy} <RelativeTime at={createdAt} />
      </span>
      <span className="text-muted">
        expires <RelativeTime at={expiresAt} />
      </span>
      <Button
        look="danger"
        className="ml-auto"
        pending={revoke.isPending}
        aria-label={`Revoke the enrolment …${id.slice(-6)}`}
        onClick={() => revoke.mutate()}
      >
        Revoke
      </Button>
      {revoke.error !== null && <ErrorNotice error={revoke.error} />}
    </li>
  );
}
