// One command of setup, checks or teardown: like the `command` executor, with a mark in the transcript before and after it.
import { stepCommand, stepName, type Outcome, type Step, type StepKind, type StepResult } from '@corch/contract';
import { inSpan } from '@corch/telemetry';
import { sizeOf } from '../claude/run-claude.js';
import { runCommand } from '../command/run-command.js';
import { isSpawnError, messageOf } from '../error-facts.js';
import { outputFiles } from '../output/output-files.js';
import type { RunControl } from '../run-control.js';
import { tailChars, type FailedStep } from './check-message.js';
import type { RunParts } from './run-parts.js';
import { commandProgram } from './run-program.js';

/** Where a step runs. */
export interface StepPlace {
  readonly cwd: string;
  readonly tmpDir: string;
  readonly kind: StepKind;
  readonly round: number;
}

/** How a step ended. */
export interface StepEnd {
  readonly result: StepResult;
  /** What failed, for people and for Claude; null when it passed. */
  readonly failed: FailedStep | null;
  /** Why it was ended from here, as with a cancel or a timeout: that decides about the run, not about the check. */
  readonly stopped: Outcome | null;
}

const stops: readonly Outcome[] = ['cancelled', 'run_time', 'no_output', 'process_limit'];

/**
 * Runs a step until it has ended and everything it started is gone.
 *
 * @param control ends it early
 * @param runMs its time in milliseconds
 */
export function runStep(
  parts: RunParts,
  step: Step,
  place: StepPlace,
  control: RunControl,
  runMs: number,
): Promise<StepEnd> {
  return inSpan(place.kind, { attributes: { 'corch.round': place.round } }, async (span) => {
    const end = await runStepNow(parts, step, place, control, runMs);
    const { exitCode, state } = end.result;
    // A step that has no name goes by its command line, which may hold anything.
    const name = typeof step === 'string' || Array.isArray(step) ? undefined : step.name;
    span.set({ 'corch.step': name && parts.redactor.text(name), 'process.exit.code': exitCode });
    if (state === 'failed') span.fail(end.stopped ?? 'step_failed');
    return end;
  });
}

async function runStepNow(
  parts: RunParts,
  step: Step,
  place: StepPlace,
  control: RunControl,
  runMs: number,
): Promise<StepEnd> {
  const { folder, spool, redactor, processes } = parts;
  const mark = { type: 'check' as const, kind: place.kind, name: redactor.text(stepName(step)), round: place.round };
  await spool.append([{ ...mark, state: 'started' }]);
  const startedAt = performance.now();
  let tail = '';
  const run = async () => {
    const program = await commandProgram(parts, stepCommand(step), place);
    if (program === null) return null;
    const stdoutFrom = await sizeOf(folder.file('stdout.log'));
    // What is before it was told, or is no text.
    await folder.saveState({ stdoutFrom, running: true });
    const onText = (text: string) => (tail = (tail + text).slice(-tailChars));
    const onEnded = () => Promise.resolve();
    const files = outputFiles(folder);
    const child = { program, spec: folder.run.spec, files, stdoutFrom, runMs, onEnded, onText };
    return runCommand(child, spool, redactor, processes, control);
  };
  const end = await run().catch((error: unknown) => {
    if (!isSpawnError(error)) throw error;
    return { outcome: 'spawn_failed' as const, message: messageOf(error), code: null };
  });
  const isMissing = end === null;
  const how = isMissing ? 'its program was not found on this worker' : (end.message ?? 'it was ended early');
  const exitCode = end?.code ?? null;
  const state = end?.outcome === 'succeeded' ? 'passed' : 'failed';
  const durationMs = Math.round(performance.now() - startedAt);
  const result = { kind: mark.kind, name: mark.name, round: mark.round, state, exitCode, durationMs } as const;
  if (isMissing) await parts.tell(`The program of \`${mark.name}\` was not found on this worker.`, 'warn');
  await spool.append([{ ...mark, state, exitCode, durationMs }]);
  const stopped = stops.find((outcome) => outcome === end?.outcome) ?? null;
  return { result, stopped, failed: state === 'passed' ? null : { step, how, exitCode, tail } };
}
