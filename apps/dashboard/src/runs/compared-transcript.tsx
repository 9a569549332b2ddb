import type { Run } from '@corch/contract';
import { useMemo } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { ChunkedList } from '../ui/chunked-list.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { useStore } from '../ui/store.js';
import { stepHeight } from './conversation.js';
import { levelStore, shownSteps, type Shown } from './density.js';
import { runSearch } from './run-switcher.js';
import { StepAnchors } from './step-anchors.js';
import { StepItem } from './step-item.js';
import { useTranscript } from './use-transcript.js';

function renderStep(step: Shown) {
  return <StepItem step={step} />;
}

/** What one of several runs on a page said; its links lead to the page of the run. */
export function ComparedTranscript({ run, runCount }: { run: Run; runCount: number }) {
  const transcript = useTranscript(run.id);
  const { steps, phase, error } = useStore(transcript.state);
  const level = useStore(levelStore);
  const shown = useMemo(() => shownSteps(steps, level), [steps, level]);
  const anchors = useMemo(
    () => ({ prefix: `run-${run.attempt}-`, search: runSearch(run.attempt, runCount) }),
    [run.attempt, runCount],
  );
  if (phase === 'failed') return <ErrorNotice error={error} onRetry={() => transcript.start()} />;
  if (steps.length === 0 && phase === 'loading')
    return <SkeletonRows count={4} label="Reading the transcript" rowClass="h-10" />;
  if (steps.length === 0) return <p className="py-6 text-center text-muted">Nothing was said.</p>;
  return (
    <StepAnchors value={anchors}>
      <ChunkedList
        label={`Transcript of run ${run.attempt}`}
        items={shown}
        estimatedHeight={stepHeight}
        renderItem={renderStep}
      />
    </StepAnchors>
  );
}
