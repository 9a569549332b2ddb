import type { Pool } from '@corch/contract';
import { LimitsDialog, mostRuns } from './limits-dialog.js';
import { useEditPool } from '../workers/use-workers.js';

/** Asks how many runs of a pool may work at once, and how long its workers may be away. */
export function PoolDialog({ pool, onClose }: { pool: Pool; onClose: () => void }) {
  const edit = useEditPool(pool.name);
  return (
    <LimitsDialog
      title={`Limits of the pool ${pool.name}`}
      limits={[
        {
          label: 'Most runs at once',
          hint: 'A lower limit ends nothing: what runs goes on, and nothing new starts until there is room.',
          value: pool.concurrency,
          most: mostRuns,
        },
        {
          label: 'Workers may be away for at most, in seconds',
          hint: 'Then their runs go to others. Empty: as the orchestrator is set.',
          value: pool.lostAfterCapSeconds,
          most: 86_400,
        },
      ]}
      action="Set the limits"
      command={([runs, seconds]) =>
        `corch pool set ${pool.name} --concurrency ${runs ?? 'none'} --lost-after-cap ${seconds == null ? 'none' : `${seconds}s`}`
      }
      onSave={([concurrency = null, lostAfterCapSeconds = null]) =>
        edit.mutate({ concurrency, lostAfterCapSeconds }, { onSuccess: onClose })
      }
      isSaving={edit.isPending}
      error={edit.error}
      onClose={onClose}
    />
  );
}
