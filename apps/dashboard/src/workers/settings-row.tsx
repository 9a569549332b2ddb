import type { Settings } from '@corch/contract';
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { QueuesLink } from './queues-link.js';
import { SettingsDialog } from './settings-dialog.js';
import { useSettings } from './use-settings.js';

/** What holds for all pools together, and for how long tasks are kept. */
export function SettingsRow() {
  const { data, error, refetch, isFetching } = useSettings();
  const isAdmin = useMay('admin');
  const [isEditing, setEditing] = useState(false);
  if (data === undefined) {
    return error === null ? null : <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />;
  }
  return (
    <section className="flex flex-col gap-2">
      <h2 className="font-medium">Limits and retention</h2>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-xl border border-line bg-surface px-4 py-3 text-sm">
        <span className="text-muted">{runsWords(data)}</span>
        <span className="text-muted">{daysWords(data)}</span>
        {isAdmin && <QueuesLink />}
        {isAdmin && (
          <Button
            className="ml-auto"
            onClick={() => setEditing(true)}
            aria-label="Change limits and retention"
            icon={<SlidersHorizontal size={15} aria-hidden />}
          >
            Change…
          </Button>
        )}
      </div>
      {isEditing && <SettingsDialog settings={data} onClose={() => setEditing(false)} />}
    </section>
  );
}

function runsWords({ maxRunning }: Settings): string {
  return maxRunning === null ? 'Any number of runs at once' : `At most ${maxRunning} at once in all pools`;
}

function daysWords({ keepTasksDays }: Settings): string {
  if (keepTasksDays === null) return 'Finished tasks are kept for ever';
  return `Finished tasks are kept for ${keepTasksDays === 1 ? '1 day' : `${keepTasksDays} days`}`;
}
