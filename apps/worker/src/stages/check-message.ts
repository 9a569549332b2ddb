// What is said about a command that failed: to Claude, and in the record of the run. Pure.
import { stepName, type Step } from '@corch/contract';

/** Characters of its output that Claude is shown; enough for the summary of a test program. */
export const tailChars = 4000;

/** A setup or check that failed. */
export interface FailedStep {
  readonly step: Step;
  /** `exit code 1`, `ended by SIGKILL`, or why it could not be started. */
  readonly how: string;
  readonly exitCode: number | null;
  /** The end of what it printed. */
  readonly tail: string;
}

/** Tells Claude what failed. */
export function checkMessage({ step, how, tail }: FailedStep): string {
  const output = tail.trim();
  const shown = output === '' ? 'It printed nothing.' : `The end of its output:\n\n${fenced(output)}`;
  return `The check \`${stepName(step)}\` failed: ${how}. ${shown}\n\nMend what it found. It runs again when you have finished.`;
}

/** One sentence, and for a setup the last lines. */
export function failedText({ step, how, tail }: FailedStep, lastLines = 0): string {
  const lines = tail.trim().split('\n').slice(-lastLines).join('\n').slice(-1500);
  return `\`${stepName(step)}\`: ${how}${lastLines === 0 || lines === '' ? '.' : `:\n${lines}`}`;
}

/** A fence that the text itself does not close. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
