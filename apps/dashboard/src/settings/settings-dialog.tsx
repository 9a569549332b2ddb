import { defaultApprovalWaitSeconds, type Settings } from '@corch/contract';
import { LimitsDialog, mostRuns } from './limits-dialog.js';
import { useEditSettings } from './use-settings.js';

/** Asks how many runs may work at once in all pools together, how long finished tasks are kept and decisions waited for. */
export function SettingsDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const edit = useEditSettings();
  return (
    <LimitsDialog
      title="Limits and retention"
      limits={[
        {
          label: 'Most runs at once in all pools',
          hint: 'A lower limit ends nothing: what runs goes on, and nothing new starts until there is room.',
          value: settings.maxRunning,
          most: mostRuns,
        },
        {
          label: 'Keep finished tasks for, in days',
          hint: 'Older ones are deleted with their transcripts and changes, which cannot be undone. Empty: for ever.',
          value: settings.keepTasksDays,
          most: 36_500,
          none: 'For ever',
        },
        {
          label: 'A worker waits for a decision, in seconds',
          hint: 'Then its slot is free for others until somebody decides; nothing is lost.',
          value: settings.approvalWaitSeconds,
          most: 86_400,
          none: String(defaultApprovalWaitSeconds),
        },
      ]}
      action="Save"
      command={([runs, days, wait]) =>
        `corch settings set --max-running ${runs ?? 'none'} --keep-tasks ${days == null ? 'none' : `${days}d`} --approval-wait ${wait ?? defaultApprovalWaitSeconds}s`
      }
      onSave={([maxRunning = null, keepTasksDays = null, approvalWaitSeconds = null]) =>
        edit.mutate({ maxRunning, keepTasksDays, approvalWaitSeconds }, { onSuccess: onClose })
      }
      isSaving={edit.isPending}
      error={edit.error}
      onClose={onClose}
    />
  );
}
