// Keeps with the orchestrator where a run stands, so that another worker can go on with it: the session of Claude Code and the
// change so far. While the child works it never fails or delays the run; the last one goes along with the end of the run, however
// long that takes.
import { checkpointName, type Checkpoint } from '@corch/contract';
import { ApiError, brief } from '@corch/contract/client';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { locateSession } from './claude-home.js';
import type { SessionFile } from './claude/session-store.js';
import type { WorkerContext } from './context.js';
import { hashOf, notePatch } from './disk/workspace-record.js';
import { messageOf } from './error-facts.js';
import type { Redactor } from './redact.js';
import { readJson, writeDurably, type RunFolder } from './run-folder.js';
import type { Workspace } from './workspace.js';
import { readChange } from './workspace/change.js';
import { within } from './within.js';

/** Of each part; a whole checkpoint then stays below what the orchestrator takes and what another worker unpacks. */
export const maxPartBytes = 50_000_000;
/** A workspace that takes longer to read is not worth the load; the end of the run reads it anyway. */
const readTimeoutMs = 60_000;
const uploadTimeoutMs = 300_000;

/** What became of an attempt. `secret`: the change holds one of this worker. `gone`: the lease is not ours any more, or the orchestrator takes none. */
export type KeptCheckpoint = 'kept' | 'unchanged' | 'too_large' | 'secret' | 'gone' | 'failed';

const markName = 'checkpoint.json';
/** What of the run the orchestrator has. */
const Mark = z.object({
  /** Size and time of the session. */
  session: z.string(),
  /** SHA-256 of the patch. */
  patch: z.string(),
  /** So many secrets it was searched for. */
  secrets: z.number(),
});
type Mark = z.infer<typeof Mark>;
/** One at a time for each run: both would work in the same files. */
const turns = new WeakMap<RunFolder, Promise<unknown>>();

/**
 * Uploads where the run stands now.
 *
 * @returns whether something new was kept. False, and no error, when nothing changed since the last time, when it is too large,
 *   when the lease is gone or the orchestrator away. A command cannot be gone on with and has no checkpoint
 */
export async function uploadCheckpoint(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<boolean> {
  return (await keepCheckpoint(context, folder, redactor, signal)) === 'kept';
}

/** {@link uploadCheckpoint}, with more words. Never throws. */
export function keepCheckpoint(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<KeptCheckpoint> {
  return inTurn(folder, async () => {
    try {
      return await keep(context, folder, redactor, signal);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'stale_lease') return 'gone';
      const facts = { runId: folder.run.runId, error: messageOf(error) };
      if (!signal.aborted) context.logger.warn('checkpoint not kept', facts);
      return error instanceof ApiError && !error.retryable ? 'gone' : 'failed';
    } finally {
      await rm(folder.file(checkpointName), { force: true }).catch(() => undefined);
    }
  });
}

/** What became of a checkpoint that is made to be uploaded later. */
export type BuiltCheckpoint = 'built' | 'unchanged' | 'too_large' | 'secret' | 'failed';

/**
 * Writes where the run stands at its end into the file `checkpointName` of its folder. Never throws: how a run ended does not depend
 * on it.
 *
 * @returns `unchanged` when the orchestrator has it already, or when there is nothing to go on with; only with `built` there is a file
 */
export function buildCheckpoint(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
): Promise<BuiltCheckpoint> {
  return inTurn(folder, async () => {
    try {
      // A cancel does not end it: somebody may go on with a run that was cancelled, too.
      const built = await build(context, folder, redactor, new AbortController().signal);
      return typeof built === 'string' ? built : 'built';
    } catch (error) {
      context.logger.warn('checkpoint not made', { runId: folder.run.runId, error: messageOf(error) });
      return 'failed';
    }
  });
}

function inTurn<T>(folder: RunFolder, work: () => Promise<T>): Promise<T> {
  const before = turns.get(folder) ?? Promise.resolve();
  const turn = before.then(work);
  turns.set(folder, turn);
  return turn;
}

const [shadowName, patchName] = ['checkpoint.git', 'checkpoint.diff'];

async function keep(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<KeptCheckpoint> {
  const built = await build(context, folder, redactor, signal);
  if (typeof built === 'string') return built;
  const { run, state } = folder;
  const params = { runId: run.runId, name: checkpointName };
  const call = { params, query: { epoch: run.epoch }, body: await readFile(folder.file(checkpointName)) };
  const client = context.clientFor(run.runToken);
  await client.writeBlob({ ...call, retry: brief, signal, timeoutMs: uploadTimeoutMs });
  await writeDurably(folder.file(markName), built satisfies Mark);
  if (state.workspace !== null) await notePatch(state.workspace.folder, built.patch);
  return 'kept';
}

/** Writes a checkpoint into its file; returns the mark of it, or why there is none. */
async function build(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<Mark | 'unchanged' | 'too_large' | 'secret'> {
  const { run, state } = folder;
  if (run.spec.executor !== 'claude' || run.delivery !== null || state.workspace === null) return 'unchanged';
  signal.throwIfAborted();
  try {
    // The session first: files that it does not know of yet do less harm than files that it believes it has written.
    const session = await locateSession(context, run);
    const { data: kept } = Mark.safeParse(await readJson(folder.file(markName)));
    const secrets = redactor.certain;
    const change = await readPatch(context, folder, state.workspace, secrets, kept, signal);
    if (change === null || (session?.size ?? 0) > maxPartBytes) return 'too_large';
    const { patch, hash, withSecrets } = change;
    if (session === null && patch.length === 0) return 'unchanged';
    if (withSecrets.length > 0) return 'secret';
    const mark = { session: `${session?.size ?? 0}-${session?.mtimeMs ?? 0}`, patch: hash, secrets: secrets.length };
    if (kept?.session === mark.session && kept.patch === mark.patch) return 'unchanged';
    const head = {
      version: 1,
      epoch: run.epoch,
      worker: context.config.name,
      sessionId: run.sessionId,
      baseCommit: state.workspace.baseCommit,
    } satisfies Partial<Checkpoint>;
    const text = Readable.from(checkpointText(head, session, patch, redactor));
    const file = createWriteStream(folder.file(checkpointName), { mode: 0o600 });
    await pipeline(text, createGzip(), file, { signal });
    return mark;
  } finally {
    for (const name of [shadowName, patchName]) {
      await rm(folder.file(name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** The change so far; null when it is too large. What was searched for the same secrets before is not searched again. */
async function readPatch(
  context: WorkerContext,
  folder: RunFolder,
  { folder: workspace, baseCommit, mirror }: Workspace,
  secrets: readonly string[],
  kept: Mark | undefined,
  signal: AbortSignal,
): Promise<{ patch: Buffer; hash: string; withSecrets: readonly string[] } | null> {
  const patchFile = folder.file(patchName);
  let hash = '';
  const isKnown = async () => {
    hash = await hashOf(patchFile);
    return kept?.patch === hash && kept.secrets === secrets.length;
  };
  const source = { workspace, baseCommit, mirror, shadow: folder.file(shadowName), patchFile, secrets, isKnown };
  const inTime = within(signal, readTimeoutMs);
  const { size, withSecrets } = await readChange(context.git, source, inTime);
  return size > maxPartBytes ? null : { patch: await readFile(patchFile), hash, withSecrets };
}

/** A {@link Checkpoint} as JSON, in pieces: whole it would be in memory several times. */
async function* checkpointText(
  head: object,
  session: SessionFile | null,
  patch: Buffer,
  redactor: Redactor,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"session":`;
  if (session === null) yield 'null';
  else {
    yield '"';
    for (const line of wholeLines(await readFile(session.path), session.size)) {
      yield JSON.stringify(`${redactLine(line, redactor)}\n`).slice(1, -1);
    }
    yield '"';
  }
  const quote = patch.length === 0 ? '' : '"';
  yield `,"patch":${quote || 'null'}`;
  // Pieces of a multiple of three bytes have no padding between them.
  const step = 3 * 65_536;
  for (let at = 0; at < patch.length; at += step) yield patch.toString('base64', at, at + step);
  yield `${quote}}`;
}

/** The lines within the first `size` bytes; a last one that is being written is left out. */
function* wholeLines(bytes: Buffer, size: number): Generator<string> {
  for (let at = 0; ;) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0 || end >= size) return;
    yield bytes.toString('utf8', at, end);
    at = end + 1;
  }
}

/** Inside a JSON string a secret may be escaped and would not be recognised. */
function redactLine(line: string, redactor: Redactor): string {
  try {
    return JSON.stringify(redactor.deep(JSON.parse(line) as unknown));
  } catch {
    return redactor.text(line);
  }
}
