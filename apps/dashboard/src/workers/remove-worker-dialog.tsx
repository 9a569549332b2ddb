import type { Worker } from '@corch/contract';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { useRemoveWorker } from './use-workers.js';

export function RemoveWorkerDialog({ worker, onClose }: { worker: Worker; onClose: () => void }) {
  const remove = useRemoveWorker();
  const held = worker.running.length;
  return (
    <Dialog title={`Remove ${worker.name}?`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>
          Its token stops working and it ends what it runs
          {held > 0 && ` (${held} ${held === 1 ? 'run' : 'runs'} now)`}; that goes back in line and goes on elsewhere,
          up to one turn repeated. To have it back, it is enrolled again.
        </p>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="danger"
            pending={remove.isPending}
            onClick={() => remove.mutate(worker.id, { onSuccess: onClose })}
          >
            Remove the worker
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
