import { isBad, type Step } from './steps.js';

/** Everything that a step says, in small letters. */
function textOf(step: Step): string {
  switch (step.kind) {
    case 'tool': {
      const own = `${step.use.name} ${JSON.stringify(step.use.input)} ${step.result?.text ?? ''} ${step.denied?.text ?? ''}`;
      return `${own} ${step.children.map(textOf).join(' ')}`.toLowerCase();
    }
    case 'output':
      return step.parts
        .map(({ text }) => text)
        .join('')
        .toLowerCase();
    case 'single':
    case 'stray':
      return textOfEvent(step.event).toLowerCase();
    case 'raws':
      return JSON.stringify(step.raws.map(({ line }) => line)).toLowerCase();
    default:
      return '';
  }
}

function textOfEvent(event: Extract<Step, { kind: 'single' | 'stray' }>['event']): string {
  if (event.type === 'check') return event.name;
  return 'text' in event && typeof event.text === 'string' ? event.text : '';
}

const texts = new WeakMap<Step, string>();

function keptText(step: Step): string {
  const kept = texts.get(step);
  if (kept !== undefined) return kept;
  const text = textOf(step);
  texts.set(step, text);
  return text;
}

/** The numbers of the steps that hold the text, in their order. */
export function findText(steps: readonly Step[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  return wanted === '' ? [] : steps.filter((step) => keptText(step).includes(wanted)).map(({ seq }) => seq);
}

/** The numbers of the steps in which something went wrong. */
export function findFailures(steps: readonly Step[]): number[] {
  return steps.filter(isFailure).map(({ seq }) => seq);
}

function isFailure(step: Step): boolean {
  switch (step.kind) {
    case 'tool':
      return isBad(step) || step.children.some(isFailure);
    case 'stray':
      return step.event.isError;
    case 'single': {
      const { event } = step;
      switch (event.type) {
        case 'check':
          return event.state === 'failed';
        case 'turn_result':
          return event.isError;
        case 'note':
          return event.level === 'error';
        case 'denied':
          return true;
        case 'status':
          return event.status === 'failed' || event.status === 'timed_out';
        default:
          return false;
      }
    }
    default:
      return false;
  }
}

/** The next of these numbers behind `at` (or before it), around the end. */
export function nextOf(found: readonly number[], at: number, step: 1 | -1): number | undefined {
  if (step === 1) return found.find((seq) => seq > at) ?? found[0];
  return found.findLast((seq) => seq < at) ?? found.at(-1);
}
