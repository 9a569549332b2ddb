// Claude Code as the child of a run: starts it, tells it the prompt, answers what it asks, turns its lines into events.
import type { EventBody, RunResult, RunSpec } from '@corch/contract';
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { runChild } from '../child-run.js';
import { sweepNotes } from '../end-child.js';
import { OutputBatcher } from '../output/batch-output.js';
import { LineSplitter, type SplitLine } from '../output/split-lines.js';
import { emptiedMark, type OutputFiles } from '../output/output-files.js';
import type { RunProcesses } from '../process-tree/containment.js';
import type { Redactor } from '../redact.js';
import { racePoint } from '../race-point.js';
import type { RunControl } from '../run-control.js';
import type { InboxTaker, RunInbox } from '../run-inbox.js';
import type { Spool } from '../spool.js';
import type { Watchdog } from '../watchdog.js';
import { denyResponse, interruptRequest, userMessage } from './claude-args.js';
import { claudeOutcome, type Ending } from './claude-outcome.js';
import type { LineSignal } from './claude-output.js';
import type { Program, RunningProgram } from './claude-process.js';
import { ClaudeTally, planTool } from './claude-tally.js';
import { GoneOn } from './gone-on.js';
import { PermissionDesk, type DeskOptions } from './permission-desk.js';

/** Claude Code goes within milliseconds after its input ended; one that waits for a child of its own is not waited for. */
const lingerMs = 30_000;
const lingerKillMs = 35_000;
/** The end of standard error that explains a failed start. */
const stderrTailChars = 2000;

const denyText =
  'This tool call needs an approval, and nobody can be asked in this run. Go on without it, or say in your answer what you would have needed.';
const planText = 'This run only plans. Do not carry the plan out; give the whole plan as your final answer.';

/** One child of Claude Code and where its words go. */
export interface ClaudeChild {
  readonly program: Program;
  /** What it is told first, in this order. */
  readonly messages: readonly StartMessage[];
  /** The session was begun by an earlier run. */
  readonly isContinued: boolean;
  /** The session was begun by an earlier child, which may have been ended in the middle of a turn. */
  readonly isResumed: boolean;
  /** What is said to it meanwhile. */
  readonly inbox: RunInbox;
  readonly spec: RunSpec;
  readonly files: OutputFiles;
  /** Where this child's stdout begins in the file. */
  readonly stdoutFrom: number;
  readonly runMs: number;
  /** With a policy that asks people: how that is done. */
  readonly asks: AsksPeople | null;
  /** Told after each tool call and each turn, when their events are kept. */
  readonly onStep?: () => void;
}

/** Words for Claude at the start; `id` is that of the message in the inbox, null when they come from elsewhere. */
export interface StartMessage {
  readonly text: string;
  readonly id: string | null;
  /** By which it is found in the session, where that is not `id`. */
  readonly uuid?: string;
}

/** What a run needs to ask people, see {@link DeskOptions}. */
export type AsksPeople = Pick<DeskOptions, 'runId' | 'epoch' | 'cwd' | 'client' | 'logger' | 'onLong'>;

/** How it ended, as far as the run's record goes. */
export interface ExecutorEnd extends Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly result: RunResult | null;
  readonly costUsd: number | null;
  /** With `usage_limit`: when the limit resets, where Claude said so. */
  readonly resetsAt?: string | null;
  /** With `delivery_delayed`: when it may be tried again. */
  readonly retryAt?: string | null;
}

/** Follows the lines of one child; also used to read what was printed while the worker was away. */
export class ClaudeReader {
  readonly tally = new ClaudeTally();
  /** Told what was said, when it is kept. */
  onEvents: (events: readonly EventBody[]) => void = () => undefined;
  private readonly splitter: LineSplitter;

  constructor(
    private readonly spool: Spool,
    private readonly redactor: Redactor,
    from: number,
    private readonly onSignal: (signal: LineSignal) => void | Promise<void>,
  ) {
    this.splitter = new LineSplitter(from);
  }

  async push(bytes: Buffer): Promise<void> {
    for (const line of this.splitter.push(bytes)) await this.take(line);
  }

  /** Takes a last line without a line break; a child that was killed while writing leaves one. */
  async flush(): Promise<void> {
    for (const line of this.splitter.flush()) await this.take(line);
  }

  /** Goes on behind bytes that were not read. */
  skip(to: number): void {
    this.splitter.skip(to);
  }

  private async take(line: SplitLine): Promise<void> {
    if ('tooLong' in line) {
      const text = `A line of ${line.tooLong} bytes was left out: at most 32 MB are read.`;
      await this.tell([{ type: 'gap', text, bytes: line.tooLong }], line.end);
      return;
    }
    const { events, signal } = this.tally.read(line.text);
    await this.tell(events, line.end);
    this.onEvents(events);
    if (signal !== null) await this.onSignal(signal);
  }

  /** Lines that were kept before a restart count, but are not told again. */
  private async tell(events: readonly EventBody[], end: number): Promise<void> {
    if (end <= this.spool.offsets.stdout || events.length === 0) return;
    await this.spool.append(this.redactor.deep(events), { stdout: end });
  }
}

/** Runs Claude Code until it has ended and everything it started is gone. */
export async function runClaude(
  child: ClaudeChild,
  spool: Spool,
  redactor: Redactor,
  processes: RunProcesses,
  control: RunControl,
): Promise<ExecutorEnd> {
  const stderrFrom = await sizeOf(child.files.stderr.path);
  const errors = new OutputBatcher('stderr', redactor, stderrFrom);
  let [stderr, endedAfterResult] = ['', false];
  let running: RunningProgram | undefined;
  let clocks: Pick<Watchdog, 'pause' | 'resume'> | undefined;
  let lingering: ReturnType<typeof setTimeout>[] = [];
  let interrupted = false;
  let hasEndedInput = false;

  const stopLingering = () => lingering.splice(0).forEach((timer) => clearTimeout(timer));
  const endAfterResult = () => {
    running?.endInput();
    hasEndedInput = true;
    stopLingering();
    const end = (signal: NodeJS.Signals) => () => {
      endedAfterResult = true;
      running?.signal(signal);
    };
    lingering = [setTimeout(end('SIGTERM'), lingerMs), setTimeout(end('SIGKILL'), lingerKillMs)];
  };
  const desk =
    child.asks === null
      ? null
      : new PermissionDesk({
          ...child.asks,
          redactor,
          signal: control.signal,
          write: (line) => running?.write(line),
          onWaiting: (isWaiting) => (isWaiting ? clocks?.pause() : clocks?.resume()),
          onDecided: async ({ toolName, toolUseId }, decision) => {
            if (decision.action !== 'deny') return;
            interrupted ||= decision.interrupt;
            const event = reader.tally.deny(toolName, toolUseId, decision.message ?? 'Somebody denied it.');
            if (event !== null) await tell([event]);
          },
        });
  const deny = async (signal: LineSignal & { type: 'permission' }) => {
    const isPlan = signal.toolName === planTool && child.spec.permissionPolicy === 'plan';
    running?.write(denyResponse(signal.requestId, isPlan ? planText : denyText));
    const event = reader.tally.deny(signal.toolName, signal.toolUseId, 'Nobody could be asked, so it was denied.');
    if (event !== null) await tell([event]);
  };
  const reader = new ClaudeReader(spool, redactor, child.stdoutFrom, async (signal) => {
    if (signal.type === 'permission') {
      if (desk === null) await deny(signal);
      else desk.ask(signal, signal.toolName === planTool ? reader.tally.plan : null);
    }
    if (signal.type === 'permission_cancelled') desk?.cancelled(signal.requestId);
    if (signal.type === 'result') await racePoint('result.seen');
    if (signal.type === 'command' && signal.state === 'started') stopLingering();
    if (signal.type === 'command' && signal.state !== 'queued') await settle(signal.id);
    // A turn that starts by itself after a background task is followed by another result.
    if (signal.type === 'result' || signal.type === 'background_tasks') void endWhenDone();
  });
  const { inbox } = child;
  const settle = async (id: string) => {
    const item = inbox.open.find((one) => one.id === id);
    if (item !== undefined) await inbox.settle(item.n);
  };
  /** Nobody waits for an answer that nobody gives: as long as something was said and is not read, the child is kept. */
  const endWhenDone = async () => {
    if (!reader.tally.isDone) return;
    await inbox.caughtUp(control.signal);
    await inbox.handed();
    if (reader.tally.isDone) endAfterResult();
  };
  const write = (text: string, id: string) => {
    reader.tally.expect(id);
    running?.write(userMessage(text, id));
  };
  const atStart = new Set(child.messages.flatMap(({ id }) => id ?? []));
  const taker: InboxTaker = {
    message: async ({ id, text }) => {
      // What nobody reads any more stays untold, and the next run begins with it.
      if (atStart.has(id) || hasEndedInput) return;
      stopLingering();
      interrupted = false;
      write(text, id);
      await tell([{ type: 'prompt', text, messageId: id }]);
    },
    interrupt: async ({ n }) => {
      if (reader.tally.isAtWork) {
        interrupted = true;
        running?.write(interruptRequest());
      }
      await inbox.settle(n);
      void endWhenDone();
    },
    answer: async ({ n, approvalId, decision }) => {
      await desk?.answer(approvalId, decision);
      await inbox.settle(n);
    },
  };
  reader.tally.isContinued = child.isContinued;
  const goneOn = child.isResumed ? new GoneOn() : null;
  reader.onEvents = (events) => {
    if (events.some(({ type }) => type === 'tool_result' || type === 'turn_result')) child.onStep?.();
    if (goneOn?.saw(events) === true) desk?.wentOn();
  };
  const tell = (events: readonly EventBody[]) => spool.append(redactor.deep(events));
  const keepStderr = async (events: readonly EventBody[]) => {
    for (const event of events) if (event.type === 'output') stderr = (stderr + event.text).slice(-stderrTailChars);
    await spool.append(redactor.deep(events), { stderr: errors.offset });
  };

  const end = await runChild(
    {
      ...child,
      input: true,
      stderrFrom,
      idleMs: child.spec.idleTimeoutSeconds * 1000,
      onStarted: (started, watchdog) => {
        running = started;
        clocks = watchdog;
        for (const { text, id, uuid } of child.messages) write(text, id ?? uuid ?? randomUUID());
        inbox.handTo(taker);
      },
      onStdout: (bytes) => reader.push(bytes),
      onStderr: (bytes) => keepStderr(errors.push(bytes)),
      onEmptied: async (stream, emptied) => {
        if (emptied.unread === null) spool.rewind(stream);
        if (emptied.unread !== 0 && stream === 'stdout') reader.skip(emptied.resumesAt);
        if (emptied.unread !== 0 && stream === 'stderr') await keepStderr(errors.skip(emptied.resumesAt));
        await tell([emptiedMark(stream, emptied)]);
      },
      interrupt: () => running?.write(interruptRequest()),
    },
    processes,
    control,
  ).finally(stopLingering);
  await inbox.release();
  await desk?.stop();
  await reader.flush();
  await keepStderr(errors.flush());
  await tell(sweepNotes(end.swept));
  return concludeClaude(reader.tally, child.spec, {
    ...end,
    stderr,
    endedAfterResult,
    cancelled: control.reason === 'cancel',
    interrupted,
  });
}

/** What is known beside the lines. */
export interface ClaudeExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly endedAfterResult: boolean;
  readonly cancelled: boolean;
  readonly interrupted: boolean;
  readonly timedOut: 'run_time' | 'no_output' | 'process_limit' | null;
}

/** Lines and exit → the end of the run. */
export function concludeClaude(tally: ClaudeTally, spec: RunSpec, exit: ClaudeExit): ExecutorEnd {
  const ending = claudeOutcome({
    code: exit.code,
    signal: exit.signal,
    stderr: exit.stderr,
    endedAfterResult: exit.endedAfterResult,
    cancelled: exit.cancelled,
    interrupted: exit.interrupted,
    timedOut: exit.timedOut,
    result: tally.result,
    apiError: tally.apiError,
    usageLimit: tally.usageLimit,
    denials: tally.denialCount,
    wantsAnswer: spec.answerSchema !== undefined,
    failOnDenied: spec.failOnDenied,
  });
  return {
    ...ending,
    code: exit.code,
    signal: exit.signal,
    result: tally.runResult(),
    costUsd: tally.costUsd,
    resetsAt: resetOf(tally.usageLimit?.resetsAt),
  };
}

function resetOf(millis: number | null | undefined): string | null {
  return millis == null ? null : new Date(millis).toISOString();
}

/** Bytes of a file; 0 when it does not exist. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
