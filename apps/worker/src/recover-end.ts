// After a restart: what the last child printed while nobody listened. A turn that came to its end is not done again.
import { createReadStream } from 'node:fs';
import { ClaudeReader, concludeClaude, sizeOf, type ExecutorEnd } from './claude/run-claude.js';
import { OutputBatcher } from './output/batch-output.js';
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
  await readFrom(folder, stdoutFrom, (bytes) => reader.push(bytes));
  await reader.flush();
  const { tally } = reader;
  if (!tally.isDone || interrupted.has(tally.result?.terminal_reason ?? '')) return null;
  const exit = { code: null, signal: null, stderr: '', endedAfterResult: false, cancelled: false, timedOut: null };
  return concludeClaude(tally, folder.run.spec, exit);
}

/** A command cannot be gone on with, and how it ended is not known. */
async function recoverCommand(
  folder: RunFolder,
  spool: Spool,
  redactor: Redactor,
  interrupted: string,
): Promise<ExecutorEnd> {
  const from = Math.max(folder.state.stdoutFrom, spool.stdoutOffset);
  const batcher = new OutputBatcher('stdout', redactor, from);
  await readFrom(folder, from, (bytes) => spool.append(batcher.push(bytes), batcher.offset));
  await spool.append(batcher.flush(), batcher.offset);
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

async function readFrom(folder: RunFolder, from: number, take: (bytes: Buffer) => Promise<void>): Promise<void> {
  const file = folder.file('stdout.log');
  if ((await sizeOf(file)) <= from) return;
  for await (const bytes of createReadStream(file, { start: from })) await take(bytes as Buffer);
}
