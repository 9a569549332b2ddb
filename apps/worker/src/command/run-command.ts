// The `command` executor: an argument list, no shell, the same workspace and environment as Claude's, but no credential.
import type { EventBody, RunSpec } from '@corch/contract';
import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { runChild, type ChildEnd } from '../child-run.js';
import type { Program, RunningProgram } from '../claude/claude-process.js';
import { sizeOf, type ExecutorEnd } from '../claude/run-claude.js';
import { sweepNotes } from '../end-child.js';
import { OutputBatcher } from '../output/batch-output.js';
import { emptiedMark, type OutputFiles, type OutputStream } from '../output/output-files.js';
import type { RunProcesses } from '../process-tree/containment.js';
import type { Redactor } from '../redact.js';
import { racePoint } from '../race-point.js';
import type { RunControl } from '../run-control.js';
import type { CommandEnd } from '../run-folder.js';
import type { Spool } from '../spool.js';
import { commandOutcome } from './command-outcome.js';

/** A command and where its words go. */
export interface CommandChild {
  readonly program: Program;
  readonly spec: RunSpec;
  readonly files: OutputFiles;
  readonly stdoutFrom: number;
  readonly runMs: number;
  /** Told as soon as it has ended, before anything else is done. */
  readonly onEnded: (end: CommandEnd) => Promise<void>;
  /** Told what it prints, redacted. */
  readonly onText?: (text: string) => void;
}

/** Runs a command until it has ended and everything it started is gone. */
export async function runCommand(
  child: CommandChild,
  spool: Spool,
  redactor: Redactor,
  processes: RunProcesses,
  control: RunControl,
): Promise<ExecutorEnd> {
  let running: RunningProgram | undefined;
  const endOf = (end: Pick<ChildEnd, 'code' | 'signal' | 'timedOut'>): CommandEnd => {
    const { outcome, message } = commandOutcome({ ...end, cancelled: control.reason === 'cancel' });
    return { outcome, message, code: end.code, signal: end.signal };
  };
  const stderrFrom = await sizeOf(child.files.stderr.path);
  const stdout = new OutputBatcher('stdout', redactor, child.stdoutFrom);
  const stderr = new OutputBatcher('stderr', redactor, stderrFrom);
  const batchers = { stdout, stderr };
  const keep = (stream: OutputStream, events: readonly EventBody[]) => {
    for (const event of events) if (event.type === 'output') child.onText?.(event.text);
    return spool.append(events, { [stream]: batchers[stream].offset });
  };
  const end = await runChild(
    {
      ...child,
      input: false,
      stderrFrom,
      idleMs: child.spec.idleTimeoutSeconds * 1000,
      onStarted: (started) => {
        running = started;
      },
      onStdout: (bytes) => keep('stdout', stdout.push(bytes)),
      onStderr: (bytes) => keep('stderr', stderr.push(bytes)),
      onEmptied: (stream, emptied) => {
        const batcher = batchers[stream];
        if (emptied.unread === null) spool.rewind(stream);
        const left = emptied.unread === 0 ? [] : batcher.skip(emptied.resumesAt);
        return keep(stream, [...left, emptiedMark(stream, emptied)]);
      },
      onExit: async (exit, timedOut) => {
        await child.onEnded(endOf({ ...exit, timedOut }));
        await racePoint('command.ended');
      },
      // SIGTERM is how a command is asked; SIGKILL follows as for Claude.
      interrupt: () => running?.signal('SIGTERM'),
    },
    processes,
    control,
  );
  await keep('stdout', stdout.flush());
  await keep('stderr', [...stderr.flush(), ...sweepNotes(end.swept)]);
  return { ...endOf(end), result: null, costUsd: null };
}

/**
 * The absolute path of a program: as it is, below the workspace (`./x`), or on the PATH.
 *
 * @returns null when nothing executable is found
 */
export async function findProgram(name: string, folder: string, searchPath: readonly string[]): Promise<string | null> {
  const places = isAbsolute(name)
    ? [name]
    : name.includes('/')
      ? [resolve(folder, name)]
      : searchPath.map((place) => join(place, name));
  for (const place of places) {
    const isRunnable = await access(place, constants.X_OK).then(
      async () => (await stat(place)).isFile(),
      () => false,
    );
    if (isRunnable) return place;
  }
  return null;
}
