// One child from start to proven end: its output followed, its clocks watched, everything it started swept.
import { writeFile } from 'node:fs/promises';
import { startProgram, type Program, type ProgramExit, type RunningProgram } from './claude/claude-process.js';
import { cancelLadder, endChild, limitLadder, shutdownLadder, type Ladder } from './end-child.js';
import { FileFollower, type Emptied } from './output/follow-file.js';
import type { OutputFiles, OutputStream } from './output/output-files.js';
import type { RunProcesses, SweepReport } from './process-tree/containment.js';
import { racePoint } from './race-point.js';
import type { RunControl } from './run-control.js';
import { Watchdog, type Timeout } from './watchdog.js';

/** What is run and who listens. */
export interface ChildSetup {
  readonly program: Program;
  /** Keep standard input open for messages. */
  readonly input: boolean;
  readonly files: OutputFiles;
  /** Where this child's stdout begins in its file. */
  readonly stdoutFrom: number;
  readonly stderrFrom: number;
  readonly runMs: number;
  readonly idleMs: number;
  /** `clocks` stand still between `pause` and `resume`. */
  onStarted(child: RunningProgram, clocks: Pick<Watchdog, 'pause' | 'resume'>): void;
  onStdout(bytes: Buffer): void | Promise<void>;
  onStderr(bytes: Buffer): void | Promise<void>;
  /** Told when a file had grown too large and was emptied; that it was is on disk already. */
  onEmptied(stream: OutputStream, emptied: Emptied): Promise<void>;
  /** Told as soon as the child has ended, unless the worker ended it for somebody who goes on with the run. */
  onExit?(exit: ProgramExit, timedOut: Stopped | null): Promise<void>;
  /** Asks the child to stop by itself; it is told and ended a little later. */
  interrupt(): void;
}

/** Why the worker ended a child by itself. */
export type Stopped = Timeout | 'process_limit';

export interface ChildEnd extends ProgramExit {
  readonly timedOut: Stopped | null;
  readonly swept: SweepReport;
}

/**
 * Runs a child to its end. Ends it when `control` says so or a clock runs out.
 *
 * @throws the system's error when it cannot be started, or what following its output threw (a full disk); nothing of it
 *   runs any more then
 */
export async function runChild(setup: ChildSetup, processes: RunProcesses, control: RunControl): Promise<ChildEnd> {
  const { stdout, stderr } = setup.files;
  for (const { path } of [stdout, stderr]) await writeFile(path, '', { flag: 'a', mode: 0o600 });
  const child = await startProgram(setup.program, {
    stdoutFile: stdout.path,
    stderrFile: stderr.path,
    input: setup.input,
    entry: await processes.prepare(),
  });
  const stop = new Stop(control.signal);
  processes.follow(child.pid, () => stop.now('process_limit'));
  await racePoint('run.spawned');
  const watchdog = new Watchdog(setup.runMs, setup.idleMs, (timeout) => stop.now(timeout));
  const listen =
    (take: (bytes: Buffer) => void | Promise<void>) =>
    async (bytes: Buffer): Promise<void> => {
      watchdog.alive();
      try {
        await take(bytes);
      } catch (error) {
        stop.fail(error);
      }
    };
  const follow = (stream: OutputStream, from: number, take: (bytes: Buffer) => void | Promise<void>) => {
    const { path, maxBytes, emptiedTo, noteEmptied } = setup.files[stream];
    // What cannot be kept small must not go on.
    const orFail = (done: Promise<void>) =>
      done.catch((error: unknown) => {
        stop.fail(error);
        throw error;
      });
    const note = (to: number) => orFail(noteEmptied(to));
    const onEmptied = (emptied: Emptied) => orFail(setup.onEmptied(stream, emptied));
    return FileFollower.open(path, from, listen(take), { maxBytes, emptiedTo, note, onEmptied });
  };
  const followers = [
    await follow('stdout', setup.stdoutFrom, (bytes) => setup.onStdout(bytes)),
    await follow('stderr', setup.stderrFrom, (bytes) => setup.onStderr(bytes)),
  ];
  setup.onStarted(child, watchdog);
  const exited = child.exited.then(async (exit) => {
    if (control.isInterrupted || stop.failure !== undefined) return exit;
    await setup.onExit?.(exit, stop.timedOut).catch((error: unknown) => stop.fail(error));
    return exit;
  });
  await Promise.race([exited, stop.asked]);
  const swept = await endChild(child, processes, ladderFor(control, stop), () => setup.interrupt());
  watchdog.stop();
  const exit = await exited;
  for (const follower of followers) await follower.finish();
  if (stop.failure !== undefined) throw new Error('following the output of the child', { cause: stop.failure });
  return { ...exit, timedOut: stop.timedOut, swept };
}

function ladderFor(control: RunControl, stop: Stop): Ladder {
  if (stop.timedOut === 'process_limit') return limitLadder;
  return control.isInterrupted ? shutdownLadder : cancelLadder;
}

/** The reasons to end a child early, as one promise. */
class Stop {
  readonly asked: Promise<void>;
  timedOut: Stopped | null = null;
  failure: unknown;
  private resolve: () => void = () => undefined;

  constructor(signal: AbortSignal) {
    this.asked = new Promise((resolve) => {
      this.resolve = resolve;
    });
    if (signal.aborted) this.resolve();
    else signal.addEventListener('abort', () => this.resolve(), { once: true });
  }

  now(why: Stopped): void {
    this.timedOut ??= why;
    this.resolve();
  }

  fail(error: unknown): void {
    this.failure ??= error;
    this.resolve();
  }
}
