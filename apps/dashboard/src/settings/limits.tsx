import { sizeText, type Settings } from '@corch/contract';
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { limitDuration } from '../ui/time-format.js';
import { SettingsDialog } from './settings-dialog.js';
import { Stored } from './stored.js';
import { useSettings } from './use-settings.js';

/** What holds for all pools together, and for how long tasks are kept. */
export function Limits() {
  const { data, error, refetch, isFetching } = useSettings();
  const isAdmin = useMay('admin');
  const [isEditing, setEditing] = useState(false);
  if (data === undefined) {
    if (error === null) return <Skeleton className="h-32" />;
    return <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />;
  }
  return (
    <>
      <Section
        title="Limits and retention"
        action={
          isAdmin && (
            <Button
              onClick={() => setEditing(true)}
              aria-label="Change limits and retention"
              icon={<SlidersHorizontal size={15} aria-hidden />}
            >
              Change…
            </Button>
          )
        }
      >
        <ul className="flex flex-col gap-1.5 text-sm">
          <li>{runsWords(data)}</li>
          <li>{daysWords(data)}</li>
          <li>{transcriptsWords(data)}</li>
          <li>{storedWords(data)}</li>
          <li>
            A worker waits {limitDuration(data.approvalWaitSeconds)} for a decision, then its slot is free for others
          </li>
        </ul>
        {isEditing && <SettingsDialog settings={data} onClose={() => setEditing(false)} />}
      </Section>
      {isAdmin && <Stored />}
    </>
  );
}

function runsWords({ maxRunning }: Settings): string {
  return maxRunning === null ? 'Any number of runs at once' : `At most ${maxRunning} at once in all pools`;
}

function daysWords({ keepTasksDays }: Settings): string {
  if (keepTasksDays === null) return 'Finished tasks are kept for ever';
  return `Finished tasks are kept for ${dayCount(keepTasksDays)}`;
}

function transcriptsWords({ keepTranscriptsDays }: Settings): string {
  if (keepTranscriptsDays === null) return 'They keep transcripts and files as long as they are there';
  return `They keep transcripts and files for ${dayCount(keepTranscriptsDays)}`;
}

function storedWords({ maxStoredMb }: Settings): string {
  if (maxStoredMb === null) return 'Transcripts and files may take any room';
  return `Transcripts and files take at most ${sizeText(maxStoredMb * 1_000_000)}, those of the tasks that ended first go`;
}

function dayCount(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
