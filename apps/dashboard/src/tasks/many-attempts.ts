import { newIdempotencyKey } from '../api/idempotency-key.js';
import { readLocal, writeLocal } from '../ui/local-value.js';

/** What became of one line of a list. */
interface Attempt {
  /** The request; another one gets another key. */
  readonly body: string;
  /** Repeating the request under it makes no second task. */
  readonly key: string;
  /** Null until the orchestrator has it. */
  readonly taskId: string | null;
}

const kept = 'corch.many';

/** For browsers that keep nothing. */
let ofThisPage: Record<string, Attempt> = {};

function read(): Record<string, Attempt> {
  const stored = readLocal(kept);
  if (stored === null) return ofThisPage;
  try {
    return JSON.parse(stored) as Record<string, Attempt>;
  } catch {
    return ofThisPage;
  }
}

function write(attempts: Record<string, Attempt>): void {
  ofThisPage = attempts;
  writeLocal(kept, Object.keys(attempts).length === 0 ? null : JSON.stringify(attempts));
}

/** A name for each line: equal lines are told apart by their order. */
export function lineNames(prompts: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return prompts.map((prompt) => {
    const n = (seen.get(prompt) ?? 0) + 1;
    seen.set(prompt, n);
    return `${n} ${prompt}`;
  });
}

/** The task that was made of a line, also before the dialog was closed or the page was reloaded; null when none was. */
export function madeOf(line: string): string | null {
  return read()[line]?.taskId ?? null;
}

/** The key under which the line is submitted: the same as before when the answer was lost, a new one for another request. */
export function keyOf(line: string, body: string): string {
  const attempts = read();
  const before = attempts[line];
  if (before?.body === body) return before.key;
  const key = newIdempotencyKey();
  write({ ...attempts, [line]: { body, key, taskId: null } });
  return key;
}

export function keepMade(line: string, taskId: string): void {
  const attempts = read();
  const attempt = attempts[line];
  if (attempt !== undefined) write({ ...attempts, [line]: { ...attempt, taskId } });
}

/** It was refused: the same request may be tried again, as another one. */
export function forgetAttempt(line: string): void {
  const { [line]: _, ...others } = read();
  write(others);
}

export function forgetAttempts(): void {
  write({});
}
