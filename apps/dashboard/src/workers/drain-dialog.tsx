import type { Worker } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { useDrainWorker } from './use-workers.js';

/** How long what runs there may still take. */
const graces = [
  { seconds: 0, flag: '0s', words: 'at once' },
  { seconds: 600, flag: '10m', words: 'in 10 minutes' },
  { seconds: 3600, flag: '1h', words: 'in 1 hour' },
  { seconds: 28_800, flag: '8h', words: 'in 8 hours' },
] as const;
type Grace = (typeof graces)[number];

/** Asks how long what runs there may still take, and says what follows. */
export function DrainDialog({ worker, onClose }: { worker: Worker; onClose: () => void }) {
  const drain = useDrainWorker(worker.id);
  const [grace, setGrace] = useState<Grace>(graces[1]);
  const runs = worker.running.length;
  return (
    <Dialog title={`Drain ${worker.name}?`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>
          It takes nothing new.{' '}
          {runs === 0 ? 'Nothing runs there now.' : `${runs === 1 ? '1 run works' : `${runs} runs work`} there now.`}{' '}
          What has not ended by then is handed back and goes on elsewhere from where it stopped; no attempt is counted.
        </p>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-medium">Hand back what still runs</legend>
          {graces.map((choice) => (
            <label key={choice.flag} className="inline-flex min-h-7 items-center gap-2 text-sm">
              <input
                type="radio"
                name="grace"
                checked={choice === grace}
                onChange={() => setGrace(choice)}
                className="size-4 accent-accent"
              />
              {choice.words}
            </label>
          ))}
        </fieldset>
        <CommandLine text={`corch worker drain ${worker.name} --grace ${grace.flag}`} label="Copy the command" />
        {drain.error !== null && <ErrorNotice error={drain.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it working</Button>
          <Button
            look="primary"
            pending={drain.isPending}
            onClick={() => drain.mutate(grace.seconds, { onSuccess: onClose })}
          >
            Drain the worker
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
