// Before and after Claude: setup once, and after each round the checks, which decide about the run.
import { randomUUID } from 'node:crypto';
import type { ExecutorEnd } from '../claude/run-claude.js';
import { sizeOf } from '../claude/run-claude.js';
import { racePoint } from '../race-point.js';
import { checkMessage, failedText } from './check-message.js';
import { afterRound, checksFailed, endedAs, interruptedEnd } from './ends.js';
import { isContinued, type RunParts } from './run-parts.js';
import { runSteps, stageOf, type StepsPlace } from './run-steps.js';

/** So many lines explain why a setup failed; the rest is in the transcript. */
const setupLines = 10;

/** Runs setup, unless that is done. Returns how the run ends, or null when it goes on. */
export async function setUp(parts: RunParts, place: StepsPlace): Promise<ExecutorEnd | null> {
  if (stageOf(parts).isSetUp) return null;
  const end = await runSteps(parts, 'setup', place);
  switch (end.state) {
    case 'passed':
      await parts.folder.saveState({ stage: { ...stageOf(parts), isSetUp: true } });
      return null;
    case 'failed':
      return { ...endedAs('setup_failed', failedText(end.failed, setupLines)), code: end.failed.exitCode };
    case 'stopped':
      return endedAs(end.outcome, null);
    case 'interrupted':
      return interruptedEnd;
  }
}

/** Keeps how Claude or the command ended. Returns it with what the rounds before came to. */
export async function noteEnd({ folder, control }: RunParts, end: ExecutorEnd): Promise<ExecutorEnd> {
  const { run, state } = folder;
  if (state.stage === null || control.isInterrupted) return end;
  const ended = afterRound(state.stage.before, end, isContinued(run));
  // All others are no matter for checks.
  if (end.outcome === 'succeeded') await folder.saveState({ stage: { ...state.stage, ended } });
  return ended;
}

/**
 * Runs the checks on what Claude or the command came to.
 *
 * @returns how the run ends, or `again` when Claude is to go on with what a check found
 */
export async function checkChange(
  parts: RunParts,
  place: StepsPlace,
  end: ExecutorEnd,
): Promise<ExecutorEnd | 'again'> {
  const { folder } = parts;
  const { plan, round } = stageOf(parts);
  if (end.outcome !== 'succeeded' || plan.checks.length === 0) return end;
  const checked = await runSteps(parts, 'check', place);
  switch (checked.state) {
    case 'passed':
      return end;
    case 'interrupted':
      return interruptedEnd;
    case 'stopped':
      return { ...end, outcome: checked.outcome, code: null };
    case 'failed': {
      // A command would only do the same once more.
      const isLast = round >= plan.checkRounds || folder.run.spec.executor !== 'claude';
      if (isLast) return checksFailed(end, checked.failed, round);
      const feedback = { id: randomUUID(), text: checkMessage(checked.failed) };
      const next = { ...stageOf(parts), round: round + 1, feedback, before: end, ended: null };
      // At once: after a restart the end of this round must not be taken for that of the next one.
      await folder.saveState({ stage: next, stdoutFrom: await sizeOf(folder.file('stdout.log')) });
      await racePoint('round.begun');
      return 'again';
    }
  }
}
