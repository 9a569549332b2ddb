import type { Run } from '@corch/contract';
import { ArrowDown } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { ChunkedList } from '../ui/chunked-list.js';
import { FoldsOpen } from '../ui/fold.js';
import { Notice } from '../ui/notice.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { useStore } from '../ui/store.js';
import { AbsoluteTime } from '../ui/time.js';
import { Freshness } from './freshness.js';
import { StepItem } from './step-item.js';
import { StepNews } from './step-news.js';
import { levelStore, shownSteps, type Shown } from './density.js';
import { findStep, type Step } from './steps.js';
import type { Transcript } from './transcript.js';
import { TranscriptBar } from './transcript-bar.js';
import { useFollow } from './use-follow.js';

/** About the height of a folded step, pixels. */
const stepHeight = 44;

function renderStep(step: Shown) {
  return <StepItem step={step} />;
}

/** The live transcript of one run. */
export function Conversation({ run, isFinal, transcript }: { run: Run; isFinal: boolean; transcript: Transcript }) {
  const { steps, phase, error, eventCount } = useStore(transcript.state);
  const content = useRef<HTMLDivElement>(null);
  const { follow, goToEnd, openPlace } = useFollow(content, steps.length, !isFinal);
  const level = useStore(levelStore);
  const shown = useMemo(() => shownSteps(steps, level), [steps, level]);
  const linked = useLinkedStep(steps, shown, openPlace);

  return (
    <section aria-label="Conversation" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2 text-[0.8125rem] text-muted">
        <span>
          {eventCount.toLocaleString()} {eventCount === 1 ? 'event' : 'events'}
        </span>
        {!isFinal && <Freshness phase={phase} />}
        <TranscriptBar steps={steps} />
      </div>
      {run.removedAt !== null && (
        <Notice
          kind="info"
          title={
            <>
              Transcript and files were removed by retention on <AbsoluteTime at={run.removedAt} />
            </>
          }
        >
          Status, result and cost are kept. What is left of the change is under Changes.
        </Notice>
      )}
      {run.logIncomplete && run.removedAt === null && (
        <Notice kind="warn" title="Lines may be missing from this transcript.">
          The change and the result are not affected.
        </Notice>
      )}
      {phase === 'failed' && <ErrorNotice error={error} onRetry={() => transcript.start()} />}
      {steps.length === 0 && phase === 'loading' && (
        <SkeletonRows count={5} label="Reading the transcript" rowClass="h-10" />
      )}
      {steps.length === 0 && phase !== 'failed' && phase !== 'loading' && (
        <p className="py-6 text-center text-muted">Nothing was said yet.</p>
      )}
      <div ref={content}>
        <FoldsOpen value={level === 'verbose'}>
          <ChunkedList
            key={level}
            label="Transcript"
            items={shown}
            estimatedHeight={stepHeight}
            renderItem={renderStep}
            {...(linked >= 0 ? { pinnedIndex: linked } : {})}
          />
        </FoldsOpen>
      </div>
      <StepNews steps={steps} isLive={!isFinal} />
      {!isFinal && follow.mode === 'detached' && (
        <button
          type="button"
          onClick={goToEnd}
          className="fixed bottom-20 left-1/2 z-20 inline-flex min-h-9 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-4 text-sm font-medium text-on-accent shadow-lg sm:bottom-6"
        >
          <ArrowDown size={16} aria-hidden />
          {follow.unseen > 0 ? `${follow.unseen} new` : 'Follow'}
        </button>
      )}
    </section>
  );
}

/** Opens the place of `#ev-184` as soon as it is there; its index among what is shown, -1 while there is none. */
function useLinkedStep(steps: readonly Step[], shown: readonly Shown[], openPlace: () => void): number {
  const { hash } = useLocation();
  const seq = Number(/^#ev-(\d+)$/.exec(hash)?.[1] ?? NaN);
  const place = Number.isNaN(seq) ? -1 : findStep(steps, seq);
  const step = steps[place];
  // A summary leaves things out and puts several into one.
  const linked =
    step === undefined ? -1 : shown.findLastIndex((other) => other.seq <= step.seq && step.seq <= other.lastSeq);
  const target = shown[linked]?.seq;
  useEffect(() => {
    if (target === undefined) return;
    openPlace();
    const element = document.getElementById(`ev-${target}`);
    element?.scrollIntoView({ block: 'center' });
    element?.focus({ preventScroll: true });
  }, [target, openPlace]);
  return linked;
}
