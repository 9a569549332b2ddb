import type { Pool } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { LimitField } from './limit-field.js';
import { limitError, readLimit, showLimit } from './limit-text.js';
import { useEditPool } from './use-workers.js';

const mostRuns = 100_000;
const mostSeconds = 86_400;

/** Asks how many runs of a pool may work at once, and how long its workers may be away. */
export function PoolDialog({ pool, onClose }: { pool: Pool; onClose: () => void }) {
  const edit = useEditPool(pool.name);
  const [runs, setRuns] = useState(showLimit(pool.concurrency));
  const [seconds, setSeconds] = useState(showLimit(pool.lostAfterCapSeconds));
  const [isSent, setSent] = useState(false);
  const [concurrency, lostAfterCapSeconds] = [readLimit(runs), readLimit(seconds)];
  const errors = { runs: limitError(concurrency, mostRuns), seconds: limitError(lostAfterCapSeconds, mostSeconds) };
  const isWrong = errors.runs !== undefined || errors.seconds !== undefined;
  const flags = `--concurrency ${concurrency ?? 'none'} --lost-after-cap ${lostAfterCapSeconds === null ? 'none' : `${lostAfterCapSeconds}s`}`;
  return (
    <Dialog title={`Limits of the pool ${pool.name}`} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (!isWrong) edit.mutate({ concurrency, lostAfterCapSeconds }, { onSuccess: onClose });
        }}
      >
        <LimitField
          label="Most runs at once"
          hint="A lower limit ends nothing: what runs goes on, and nothing new starts until there is room."
          value={runs}
          error={isSent ? errors.runs : undefined}
          onChange={setRuns}
        />
        <LimitField
          label="Workers may be away for at most, in seconds"
          hint="Then their runs go to others. Empty: as the orchestrator is set."
          value={seconds}
          error={isSent ? errors.seconds : undefined}
          onChange={setSeconds}
        />
        {!isWrong && <CommandLine text={`corch pool set ${pool.name} ${flags}`} label="Copy the command" />}
        {edit.error !== null && <ErrorNotice error={edit.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it as it is</Button>
          <Button look="primary" type="submit" pending={edit.isPending}>
            Set the limits
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
