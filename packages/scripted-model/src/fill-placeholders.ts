import type { Step } from './scenario.js';

/** What placeholders stand for. */
export interface Facts {
  /** `{{cwd}}`; null when the request does not tell it. */
  cwd: string | null;
  /** `{{prompt}}`, one line. */
  prompt: string;
  /** Unix milliseconds, for `{{unixIn:SECONDS}}`. */
  now: number;
}

/** The prompt in one line: markers out, at most 200 characters, so that it fits into a sentence. */
export function promptLine(userText: string): string {
  const line = userText
    .replace(/\[\[scenario:[\w.-]+\]\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...line];
  return letters.length > 200 ? letters.slice(0, 199).join('') + '…' : line;
}

/** A copy of the step with every placeholder in its strings replaced. */
export function fillPlaceholders(step: Step, facts: Facts): Step {
  if (facts.cwd === null && JSON.stringify(step).includes('{{cwd}}')) {
    return {
      text:
        'The scripted model cannot tell the working directory of this session, so it changed nothing. The system ' +
        'prompt must say "Primary working directory: PATH"; this version of Claude Code may word it differently.',
    };
  }
  return fill(step, facts);
}

function fill<T>(value: T, facts: Facts): T;
function fill(value: unknown, facts: Facts): unknown {
  if (typeof value === 'string') return fillString(value, facts);
  if (Array.isArray(value)) return value.map((item: unknown) => fill(item, facts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill<unknown>(item, facts)]));
}

function fillString(value: string, facts: Facts): string {
  return value.replace(/\{\{(cwd|prompt|unixIn:(\d+))\}\}/g, (whole, name: string, seconds?: string) => {
    if (name === 'cwd') return facts.cwd ?? whole;
    if (name === 'prompt') return facts.prompt;
    return String(Math.floor(facts.now / 1000) + Number(seconds));
  });
}
