import { defaultApprovalWaitSeconds, type Settings } from '@corch/contract';
import { LimitsDialog, mostRuns } from './limits-dialog.js';
import { useEditSettings } from './use-settings.js';

/** Asks how many runs may work at once in all pools together, what is kept for how long, and how long decisions are waited for. */
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
          label: 'Keep their transcripts and files for, in days',
          hint: 'Then status, result and cost stay, and the rest is removed. Empty: as long as the tasks are kept.',
          value: settings.keepTranscriptsDays,
          most: 36_500,
          none: 'As long as the tasks',
        },
        {
          label: 'Transcripts and files take at most, in MB',
          hint: 'Above it, those of the tasks that ended first are removed; changes that are not delivered stay.',
          value: settings.maxStoredMb,
          most: 1_000_000_000,
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
      command={([runs, days, transcripts, stored, wait]) =>
        `corch settings set --max-running ${runs ?? 'none'} --keep-tasks ${daysOrNone(days)} --keep-transcripts ${daysOrNone(transcripts)} ` +
        `--max-stored ${stored == null ? 'none' : `${stored}MB`} --approval-wait ${wait ?? defaultApprovalWaitSeconds}s`
      }
      onSave={([
        maxRunning = null,
        keepTasksDays = null,
        keepTranscriptsDays = null,
        maxStoredMb = null,
        approvalWaitSeconds = null,
      ]) =>
        edit.mutate(
          { maxRunning, keepTasksDays, keepTranscriptsDays, maxStoredMb, approvalWaitSeconds },
          { onSuccess: onClose },
        )
      }
      isSaving={edit.isPending}
      error={edit.error}
      onClose={onClose}
    />
  );
}

function daysOrNone(days: number | null | undefined): string {
  return days == null ? 'none' : `${days}d`;
}
