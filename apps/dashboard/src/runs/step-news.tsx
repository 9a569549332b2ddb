import { useEffect, useRef, useState } from 'react';
import type { Step } from './steps.js';
import { summariseTool } from './tool-view.js';

/** Said aloud at most this often, so that a busy run does not talk over the reader. */
const everyMs = 10_000;

/** Tells a screen reader what came, in one polite sentence from time to time. */
export function StepNews({ steps, isLive }: { steps: readonly Step[]; isLive: boolean }) {
  const [news, setNews] = useState('');
  const latest = useRef(steps);
  const told = useRef(steps.length);
  useEffect(() => {
    latest.current = steps;
  }, [steps]);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => {
      const fresh = latest.current.length - told.current;
      const last = latest.current.at(-1);
      if (fresh <= 0 || last === undefined) return;
      told.current = latest.current.length;
      setNews(`${fresh} new. Last: ${stepWords(last)}`);
    }, everyMs);
    return () => clearInterval(timer);
  }, [isLive]);
  return (
    <p role="status" className="sr-only">
      {isLive ? news : ''}
    </p>
  );
}

function stepWords(step: Step): string {
  if (step.kind === 'tool')
    return `${step.use.name} ${summariseTool(step.use.name, step.use.input, step.folder).argument}`;
  if (step.kind === 'output') return 'output';
  if (step.kind === 'raws') return 'raw events';
  if (step.kind === 'retries') return 'the model is asked again';
  return 'text' in step.event && typeof step.event.text === 'string' ? step.event.text.slice(0, 160) : step.event.type;
}
