import type { TaskDetail } from '@corch/contract';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { useReleaseTask } from './use-task.js';

/** Takes a task from a worker that is silent, after saying what that means. */
export function ReleaseDialog({ task, onClose }: { task: TaskDetail; onClose: () => void }) {
  const release = useReleaseTask(task.id);
  const worker = task.workerName ?? 'its worker';
  const who = task.workerName === null ? 'The worker' : `The worker ${task.workerName}`;
  return (
    <Dialog title={`Take it from ${worker}?`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="break-words">
          It goes back in line and goes on from its last checkpoint, on whichever worker takes it: up to one turn is
          repeated. No attempt is counted.
        </p>
        <p className="break-words">
          {who} may still work on it. When it is heard from again it ends that, and what it says is kept, marked late.
        </p>
        <CommandLine text={`corch task release ${task.id}`} label="Copy the command" />
        {release.error !== null && <ErrorNotice error={release.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it there</Button>
          <Button
            look="danger"
            pending={release.isPending}
            onClick={() => release.mutate(undefined, { onSuccess: onClose })}
          >
            Release the task
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
