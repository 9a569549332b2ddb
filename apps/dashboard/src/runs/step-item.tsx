import type { RunEvent } from '@corch/contract';
import { clsx } from 'clsx';
import { Link as LinkIcon } from 'lucide-react';
import { memo, useContext } from 'react';
import { Link } from 'react-router-dom';
import { absoluteTime } from '../ui/time-format.js';
import { RawEvents } from './raw-events.js';
import { SingleEvent } from './single-event.js';
import { OutputBlock, TerminalBlock } from './terminal-block.js';
import { ToolStepItem } from './tool-step.js';
import type { Shown } from './density.js';
import { StepAnchors } from './step-anchors.js';
import type { Step } from './steps.js';
import { ToolGroupItem } from './tool-group.js';

/** One step of a transcript, with its anchor. */
export const StepItem = memo(function StepItem({ step }: { step: Shown }) {
  const { prefix, search } = useContext(StepAnchors);
  return (
    <article
      id={`${prefix}ev-${step.seq}`}
      tabIndex={-1}
      className={clsx(
        'group/step relative scroll-mt-28 rounded-lg py-1 pr-8 focus:bg-accent-soft focus:outline-none',
        isLate(step) && 'opacity-70',
      )}
    >
      <StepBody step={step} />
      <Link
        to={{ search, hash: `ev-${step.seq}` }}
        preventScrollReset
        aria-label={`Link to event ${step.seq}`}
        title={`Event ${step.seq}, ${absoluteTime(Date.parse(step.at))}`}
        className="absolute top-1.5 right-0 inline-flex size-7 items-center justify-center rounded-md text-muted opacity-0 group-hover/step:opacity-100 hover:text-ink focus-visible:opacity-100"
      >
        <LinkIcon size={14} aria-hidden />
      </Link>
    </article>
  );
});

function renderChild(step: Step) {
  return <StepItem key={step.seq} step={step} />;
}

function isLate(step: Shown): boolean {
  return firstEvent(step)?.late === true;
}

function firstEvent(step: Shown): RunEvent | undefined {
  switch (step.kind) {
    case 'tool':
      return step.use;
    case 'tools':
      return step.steps[0]?.use;
    case 'output':
      return step.parts[0];
    case 'retries':
      return step.retries[0];
    case 'raws':
      return step.raws[0];
    case 'single':
    case 'stray':
      return step.event;
  }
}

function StepBody({ step }: { step: Shown }) {
  switch (step.kind) {
    case 'tool':
      return <ToolStepItem step={step} renderChild={renderChild} />;
    case 'tools':
      return <ToolGroupItem group={step} renderStep={renderChild} />;
    case 'output':
      return <OutputBlock parts={step.parts} />;
    case 'retries':
      return <Retries step={step} />;
    case 'raws':
      return <RawEvents events={step.raws} />;
    case 'stray':
      return <TerminalBlock label="Tool result without its call" text={step.event.text} isError={step.event.isError} />;
    case 'single':
      return <SingleEvent event={step.event} />;
  }
}

function Retries({ step }: { step: Extract<Step, { kind: 'retries' }> }) {
  const last = step.retries.at(-1);
  if (last === undefined) return null;
  const cause = last.error ?? (last.httpStatus === null ? 'no answer' : `HTTP ${last.httpStatus}`);
  return (
    <p className="text-sm text-amber">
      The Claude API did not answer as hoped ({cause}); attempt {last.attempt} of {last.maxRetries}
      {step.retries.length > 1 && `, ${step.retries.length} so far`}.
    </p>
  );
}
