// After a restart: what the last child printed while nobody listened. A turn that came to its end is not done again.
import type { EventBody } from '@corch/contract';
import { createReadStream } from 'node:fs';
import { ClaudeReader, concludeClaude, sizeOf, type ExecutorEnd } from './claude/run-claude.js';
import { OutputBatcher } from './output/batch-output.js';
import { emptiedMark, type OutputStream } from './output/output-files.js';
import type { Redactor } from './redact.js';
import type { RunFolder } from './run-folder.js';
import type { Spool } from './spool.js';

/** Ends that were caused by stopping the child; such a session is gone on with. */
const interrupted = new Set(['aborted_streaming', 'aborted_tools']);

/**
 * Tells what was printed and not told yet.
 *
 * @param interrupted what stopped the child, as the beginning of a sentence
 * @returns how the run ended, or null when its Claude session has to be gone on with
 */
export async function recoverEnd(
  folder: RunFolder,
  spool: Spool,
  redactor: Redactor,
  interrupted: string,
): Promise<ExecutorEnd | null> {
  return folder.run.spec.executor === 'claude'
    ? recoverClaude(folder, spool, redactor)
    : recoverCommand(folder, spool, redactor, interrupted);
}

async function recoverClaude(folder: RunFolder, spool: Spool, redactor: Redactor): Promise<ExecutorEnd | null> {
  const { stdoutFrom } = folder.state;
  const reader = new ClaudeReader(spool, redactor, stdoutFrom, () => undefined);
  const emptiedTo = await markEmptied(folder, spool, 'stdout');
  if (emptiedTo > stdoutFrom) reader.skip(emptiedTo);
  await readFrom(folder.file('stdout.log'), Math.max(stdoutFrom, emptiedTo), (bytes) => reader.push(bytes));
  await reader.flush();
  await recoverOutput(folder, spool, redactor, 'stderr');
  const { tally } = reader;
  if (!tally.isDone || interrupted.has(tally.result?.terminal_reason ?? '')) return null;
  const exit = {
    code: null,
    signal: null,
    stderr: '',
    endedAfterResult: false,
    cancelled: false,
    interrupted: false,
    timedOut: null,
  };
  return concludeClaude(tally, folder.run.spec, exit);
}

/** A command cannot be gone on with. How it ended is known when the worker lived until then. */
async function recoverCommand(
  folder: RunFolder,
  spool: Spool,
  redactor: Redactor,
  interrupted: string,
): Promise<ExecutorEnd> {
  for (const stream of ['stdout', 'stderr'] as const) await recoverOutput(folder, spool, redactor, stream);
  const { commandEnd } = folder.state;
  if (commandEnd !== null) return { ...commandEnd, result: null, costUsd: null };
  const message = `${interrupted} while the command ran.`;
  return {
    outcome: folder.state.crashes > 0 ? 'worker_died' : 'command_killed',
    message,
    code: null,
    signal: null,
    result: null,
    costUsd: null,
  };
}

/** Tells what a setup, check or teardown command printed and nobody told; it is run again. */
export async function recoverStep(folder: RunFolder, spool: Spool, redactor: Redactor): Promise<void> {
  // Before it lie lines of Claude Code that are no text.
  await recoverOutput(folder, spool, redactor, 'stdout', folder.state.stdoutFrom);
  await recoverOutput(folder, spool, redactor, 'stderr');
}

/** Tells the rest of a stream whose bytes are text, from byte `least` on. */
async function recoverOutput(
  folder: RunFolder,
  spool: Spool,
  redactor: Redactor,
  stream: OutputStream,
  least = 0,
): Promise<void> {
  await markEmptied(folder, spool, stream);
  const from = Math.max(least, spool.offsets[stream]);
  const batcher = new OutputBatcher(stream, redactor, from);
  const keep = (events: readonly EventBody[]) => spool.append(events, { [stream]: batcher.offset });
  await readFrom(folder.file(`${stream}.log`), from, (bytes) => keep(batcher.push(bytes)));
  await keep(batcher.flush());
}

/** Marks what was given up of a file and is not told of, since the worker died in between. Returns where the file begins. */
async function markEmptied(folder: RunFolder, spool: Spool, stream: OutputStream): Promise<number> {
  const size = await sizeOf(folder.file(`${stream}.log`));
  if (size < spool.offsets[stream]) {
    spool.rewind(stream);
    await spool.append([emptiedMark(stream, { unread: null })], { [stream]: 0 });
    return 0;
  }
  // What was noted may lie ahead of what happened.
  const to = Math.min(folder.state.emptied[stream], size);
  const unread = to - spool.offsets[stream];
  if (unread > 0) await spool.append([emptiedMark(stream, { unread })], { [stream]: to });
  return to;
}

async function readFrom(file: string, from: number, take: (bytes: Buffer) => Promise<void>): Promise<void> {
  if ((await sizeOf(file)) <= from) return;
  for await (const bytes of createReadStream(file, { start: from })) await take(bytes as Buffer);
}
