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
import { StepAnchors } from './step-anchors.js';
import { StepItem } from './step-item.js';
import { StepNews } from './step-news.js';
import { levelStore, shownSteps, type Shown } from './density.js';
import { LinkedEvent } from './linked-event.js';
import { findStep } from './steps.js';
import type { Transcript } from './transcript.js';
import { TranscriptBar } from './transcript-bar.js';
import { useFollow } from './use-follow.js';

/** About the height of a folded step, pixels. */
export const stepHeight = 44;

function renderStep(step: Shown) {
  return <StepItem step={step} />;
}

/** The live transcript of one run. */
export function Conversation({ run, isFinal, transcript }: { run: Run; isFinal: boolean; transcript: Transcript }) {
  const { steps, phase, error, eventCount } = useStore(transcript.state);
  const content = useRef<HTMLDivElement>(null);
  const { follow, goToEnd, openPlace } = useFollow(content, steps.length, !isFinal);
  const level = useStore(levelStore);
  const { hash, search } = useLocation();
  const anchors = useMemo(() => ({ prefix: '', search }), [search]);
  const seq = linkedSeq(hash);
  const linked = useMemo(() => (seq === 0 ? 0 : (steps[findStep(steps, seq)]?.seq ?? 0)), [steps, seq]);
  const shown = useMemo(() => shownSteps(steps, level, linked), [steps, level, linked]);
  const linkedIndex = linked === 0 ? -1 : shown.findLastIndex((step) => step.seq <= linked && linked <= step.lastSeq);
  useOpenPlace(linked, openPlace);

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
          <StepAnchors value={anchors}>
            <LinkedEvent value={linked}>
              <ChunkedList
                key={level}
                label="Transcript"
                items={shown}
                estimatedHeight={stepHeight}
                isAtEnd={follow.mode === 'following'}
                renderItem={renderStep}
                {...(linkedIndex >= 0 ? { pinnedIndex: linkedIndex } : {})}
              />
            </LinkedEvent>
          </StepAnchors>
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

/** The event that `#ev-184` points at, 0 when the address has none. */
function linkedSeq(hash: string): number {
  return Number(/^#ev-(\d+)$/.exec(hash)?.[1] ?? 0);
}

/** Brings the step that the address points at into view as soon as it is there. */
function useOpenPlace(linked: number, openPlace: () => void): void {
  useEffect(() => {
    if (linked === 0) return;
    openPlace();
    const element = document.getElementById(`ev-${linked}`);
    element?.scrollIntoView({ block: 'center' });
    element?.focus({ preventScroll: true });
  }, [linked, openPlace]);
}
