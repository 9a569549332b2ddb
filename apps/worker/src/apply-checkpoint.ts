// Builds up again what an earlier holder of a run left with the orchestrator: its files and its Claude session. Whatever is
// read here came over the network and is checked; git itself refuses paths that lead out of the workspace.
import { Checkpoint } from '@corch/contract';
import { ApiError, type RetryPolicy } from '@corch/contract/client';
import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { claudeHome, forgetSession } from './claude-home.js';
import { placeSession } from './claude/session-store.js';
import type { WorkerContext } from './context.js';
import { messageOf } from './error-facts.js';
import type { RepositoryAccess } from './repository/repository-access.js';
import type { RunFolder } from './run-folder.js';
import { prepareWorkspace, type Workspace } from './workspace.js';
import { WorkspaceError } from './workspace/workspace-error.js';

/** The run cannot go on from its checkpoint. The message says why, as the end of a sentence. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** A session and a patch of 50 MB each, the one escaped and the other as base64, and some room. */
export const maxUnpackedBytes = 250_000_000;
/** About six minutes: what was done already is worth to wait for an orchestrator that restarts. */
const patience: RetryPolicy = { attempts: 30, delayMs: 300, maxDelayMs: 15_000 };
const downloadTimeoutMs = 300_000;

/** A checkpoint as it is stored → what it says. */
export async function unpackCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  let value: unknown;
  try {
    const text = await promisify(gunzip)(bytes, { maxOutputLength: maxUnpackedBytes });
    value = JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new CheckpointError(`it is damaged or too large (${messageOf(error)})`, { cause: error });
  }
  const parsed = Checkpoint.safeParse(value);
  if (!parsed.success) throw new CheckpointError('it is damaged, or of another version', { cause: parsed.error });
  return parsed.data;
}

/**
 * Makes the workspace of a run as its checkpoint shows it, and puts the session where Claude Code finds it.
 *
 * @throws CheckpointError when that cannot be done; then the run has to start from the beginning. WorkspaceError, or the abort
 *   reason of the signal, as {@link prepareWorkspace}
 */
export async function applyCheckpoint(
  context: WorkerContext,
  folder: RunFolder,
  place: string,
  access: RepositoryAccess,
): Promise<{ workspace: Workspace; checkpoint: Checkpoint }> {
  const { run } = folder;
  const checkpoint = await fetchCheckpoint(context, folder, access.signal);
  const isOther = checkpoint.sessionId !== run.sessionId;
  if (isOther && run.resume?.isFork !== true) throw new CheckpointError('it belongs to another session');
  const workspace = await rebuild(context, folder, checkpoint, place, access);
  await forgetSession(context, run);
  if (checkpoint.session !== null) {
    const session = isOther ? forkSession(checkpoint.session, checkpoint.sessionId, run.sessionId) : checkpoint.session;
    await placeSession(claudeHome(context, run).config, workspace.folder, run.sessionId, session);
  }
  return { workspace, checkpoint };
}

/** A transcript as that of another session: each of its lines says to which one it belongs. */
export function forkSession(session: string, from: string, to: string): string {
  return session.replaceAll(`"sessionId":${JSON.stringify(from)}`, `"sessionId":${JSON.stringify(to)}`);
}

async function fetchCheckpoint(context: WorkerContext, folder: RunFolder, signal: AbortSignal): Promise<Checkpoint> {
  const { runId, runToken } = folder.run;
  const call = { params: { runId }, retry: patience, signal, timeoutMs: downloadTimeoutMs };
  try {
    return await unpackCheckpoint(await context.clientFor(runToken).readCheckpoint(call));
  } catch (error) {
    if (signal.aborted || error instanceof CheckpointError) throw error;
    const why = error instanceof ApiError ? error.message : messageOf(error);
    throw new CheckpointError(`it could not be read (${why.replace(/\.$/, '')})`, { cause: error });
  }
}

/** The files. Where the commit that they began at is gone, they are merged into the present one. */
async function rebuild(
  context: WorkerContext,
  folder: RunFolder,
  checkpoint: Checkpoint,
  place: string,
  access: RepositoryAccess,
): Promise<Workspace> {
  const { run } = folder;
  const { baseCommit } = checkpoint;
  if ((run.spec.repository === undefined) !== (baseCommit === null)) {
    throw new CheckpointError('it was made in another kind of workspace');
  }
  const patch = new Patch(context, folder, checkpoint.patch, access.signal);
  const atBase = baseCommit === null ? run : { ...run, spec: { ...run.spec, ref: baseCommit } };
  const found = await prepareWorkspace(context, atBase, place, access).catch((error: unknown) => {
    if (error instanceof WorkspaceError && baseCommit !== null) return null;
    throw error;
  });
  if (found !== null && (await patch.apply(place, []))) return found;
  if (baseCommit === null) throw new CheckpointError(`its changes do not apply (${patch.said})`);
  const workspace = await prepareWorkspace(context, run, place, access);
  if (await patch.apply(place, ['--3way'])) return workspace;
  const to = workspace.baseCommit?.slice(0, 12);
  throw new CheckpointError(`its changes to ${baseCommit.slice(0, 12)} do not apply to ${to} (${patch.said})`);
}

/** The change that a checkpoint holds. */
class Patch {
  /** Why git did not take it. */
  said = '';

  constructor(
    private readonly context: WorkerContext,
    private readonly folder: RunFolder,
    private readonly base64: string | null,
    private readonly signal: AbortSignal,
  ) {}

  /** Changes the files of a workspace; false when it does not fit. */
  async apply(workspace: string, how: readonly string[]): Promise<boolean> {
    if (this.base64 === null) return true;
    const file = this.folder.file('resume.diff');
    await writeFile(file, Buffer.from(this.base64, 'base64'), { mode: 0o600 });
    try {
      const args = ['apply', ...how, '--whitespace=nowarn', '--', file];
      // A repository above an empty workspace is none of ours: there git would leave out every file without a word.
      const env = { GIT_CEILING_DIRECTORIES: dirname(workspace) };
      const answer = await this.context.git.run(args, { cwd: workspace, signal: this.signal, env });
      this.said = answer.stderr.trim().replaceAll('\n', '; ').slice(0, 300);
      return answer.code === 0;
    } finally {
      await rm(file, { force: true });
    }
  }
}
