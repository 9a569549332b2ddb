// Setup, checks and teardown in their order. The first that fails ends its list, except in teardown.
import type { Outcome, StepKind } from '@corch/contract';
import { RunControl } from '../run-control.js';
import { failedText, type FailedStep } from './check-message.js';
import type { RunParts } from './run-parts.js';
import type { RunStage } from './run-stage.js';
import { runStep, type StepPlace } from './run-step.js';

/** All of teardown, in milliseconds. Whoever cancels does not wait for the whole of it. */
const teardownMs = 120_000;
const cancelledTeardownMs = 30_000;

/** `interrupted`: somebody goes on with the run, and repeats the step. */
export type StepsEnd =
  | { readonly state: 'passed' | 'interrupted' }
  | { readonly state: 'failed'; readonly failed: FailedStep }
  | { readonly state: 'stopped'; readonly outcome: Outcome };

/** The folder that the steps of a run work in. */
export type StepsPlace = Pick<StepPlace, 'cwd' | 'tmpDir'>;

/** Runs setup or the checks of a round. */
export async function runSteps(parts: RunParts, kind: 'setup' | 'check', place: StepsPlace): Promise<StepsEnd> {
  const { folder, control } = parts;
  const { plan, round } = stageOf(parts);
  await forget(parts, kind, round);
  for (const step of kind === 'setup' ? plan.setup : plan.checks) {
    if (!control.signal.aborted) await parts.untilHeld();
    if (control.isInterrupted) return { state: 'interrupted' };
    if (control.signal.aborted) return { state: 'stopped', outcome: 'cancelled' };
    const end = await runStep(parts, step, { ...place, kind, round }, control, parts.runMs());
    if (control.isInterrupted) return { state: 'interrupted' };
    const stage = stageOf(parts);
    await folder.saveState({ stage: { ...stage, steps: [...stage.steps, end.result] } });
    if (end.stopped !== null) return { state: 'stopped', outcome: end.stopped };
    if (end.failed !== null) return { state: 'failed', failed: end.failed };
  }
  return { state: 'passed' };
}

/** Runs teardown, whose failures decide nothing. It has a time of its own: the run's may be over. */
export async function runTeardown(parts: RunParts, place: StepsPlace): Promise<void> {
  const { folder } = parts;
  const { plan, round } = stageOf(parts);
  await forget(parts, 'teardown', round);
  const control = new RunControl();
  const isCancelled = parts.control.reason === 'cancel';
  const endsAt = performance.now() + (isCancelled ? cancelledTeardownMs : teardownMs);
  const stop = () => control.stop(parts.control.reason ?? 'shutdown');
  if (!isCancelled) parts.control.signal.addEventListener('abort', stop, { once: true });
  try {
    for (const step of plan.teardown) {
      if (control.signal.aborted) return;
      const end = await runStep(
        parts,
        step,
        { ...place, kind: 'teardown', round },
        control,
        endsAt - performance.now(),
      );
      const stage = stageOf(parts);
      await folder.saveState({ stage: { ...stage, steps: [...stage.steps, end.result] } });
      if (end.failed === null) continue;
      await parts.tell(`Teardown failed, which decides nothing: ${failedText(end.failed)}`, 'warn');
    }
  } finally {
    parts.control.signal.removeEventListener('abort', stop);
  }
}

/** @throws Error before there is a plan */
export function stageOf({ folder }: Pick<RunParts, 'folder'>): RunStage {
  if (folder.state.stage === null) throw new Error('the run has no plan yet');
  return folder.state.stage;
}

/** What is repeated counts once. */
async function forget(parts: RunParts, kind: StepKind, round: number): Promise<void> {
  const stage = stageOf(parts);
  const steps = stage.steps.filter((step) => step.kind !== kind || step.round !== round);
  if (steps.length < stage.steps.length) await parts.folder.saveState({ stage: { ...stage, steps } });
}
