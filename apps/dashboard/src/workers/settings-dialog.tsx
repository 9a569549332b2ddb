import type { Settings } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { LimitField } from './limit-field.js';
import { limitError, readLimit, showLimit } from './limit-text.js';
import { useEditSettings } from './use-settings.js';

const mostRuns = 100_000;
const mostDays = 36_500;

/** Asks how many runs may work at once in all pools together, and how long finished tasks are kept. */
export function SettingsDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const edit = useEditSettings();
  const [runs, setRuns] = useState(showLimit(settings.maxRunning));
  const [days, setDays] = useState(showLimit(settings.keepTasksDays));
  const [isSent, setSent] = useState(false);
  const [maxRunning, keepTasksDays] = [readLimit(runs), readLimit(days)];
  const errors = { runs: limitError(maxRunning, mostRuns), days: limitError(keepTasksDays, mostDays) };
  const isWrong = errors.runs !== undefined || errors.days !== undefined;
  const flags = `--max-running ${maxRunning ?? 'none'} --keep-tasks ${keepTasksDays === null ? 'none' : `${keepTasksDays}d`}`;
  return (
    <Dialog title="Limits and retention" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (!isWrong) edit.mutate({ maxRunning, keepTasksDays }, { onSuccess: onClose });
        }}
      >
        <LimitField
          label="Most runs at once in all pools"
          hint="A lower limit ends nothing: what runs goes on, and nothing new starts until there is room."
          value={runs}
          error={isSent ? errors.runs : undefined}
          onChange={setRuns}
        />
        <LimitField
          label="Keep finished tasks for, in days"
          hint="Older ones are deleted with their transcripts and changes, which cannot be undone. Empty: for ever."
          value={days}
          error={isSent ? errors.days : undefined}
          onChange={setDays}
        />
        {!isWrong && <CommandLine text={`corch settings set ${flags}`} label="Copy the command" />}
        {edit.error !== null && <ErrorNotice error={edit.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it as it is</Button>
          <Button look="primary" type="submit" pending={edit.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
