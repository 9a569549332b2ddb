import { enrolLine } from '@corch/contract';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Skeleton } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';
import { useCreateEnrolment, useWorkers } from './use-workers.js';

/** Shows the line that starts a worker elsewhere, and says when it has come. */
export function AddWorkerDialog({ onClose }: { onClose: () => void }) {
  const { data, error, mutate, isPending } = useCreateEnrolment();
  useEffect(() => mutate(), [mutate]);
  const workers = useWorkers().data?.data ?? [];
  const [known] = useState(() => new Set(workers.map((worker) => worker.id)));
  const arrived = workers.filter((worker) => !known.has(worker.id) && worker.state === 'online');
  return (
    <Dialog title="Add a worker" onClose={onClose}>
      <div className="flex flex-col gap-4 text-sm">
        <p>On the machine that shall work, with this project installed, type:</p>
        {error !== null && <ErrorNotice error={error} onRetry={() => mutate()} pending={isPending} />}
        {data === undefined && error === null && <Skeleton className="h-16" />}
        {data !== undefined && (
          <>
            <CommandLine text={enrolLine(data.url ?? location.origin, data.token)} label="Copy the command" />
            <p className="text-muted">
              The token enrols one worker and expires <RelativeTime at={data.expiresAt} />. The worker keeps a token of
              its own after that: the same line starts it again. A proxy is found in <code>HTTPS_PROXY</code>, a
              certificate authority of your own is named with <code>--ca-file</code>.
            </p>
          </>
        )}
        <div role="status">
          {arrived.length === 0 ? (
            <p className="flex items-center gap-2 text-muted">
              <LoaderCircle size={16} aria-hidden className="motion-safe:animate-spin" />
              Waiting for it…
            </p>
          ) : (
            arrived.map((worker) => (
              <p key={worker.id} className="flex items-center gap-2 font-medium text-green">
                <CircleCheck size={16} aria-hidden />
                {worker.name} is connected.
              </p>
            ))
          )}
        </div>
      </div>
    </Dialog>
  );
}
