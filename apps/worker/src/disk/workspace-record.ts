// What is known about a workspace after its run folder is gone: a file beside it. By this it is proved that removing it loses
// nothing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { codeOf } from '../error-facts.js';
import { readJson, writeDurably } from '../run-folder.js';
import type { Workspace } from '../workspace.js';

const Record = z.object({
  runId: z.string(),
  taskId: z.string(),
  baseCommit: z.string().nullable(),
  mirror: z.string().nullable(),
  submodules: z.array(z.object({ path: z.string(), commit: z.string() })).readonly(),
  /** SHA-256 of the last patch that the orchestrator has; null while it has none. */
  keptPatch: z.string().nullable(),
});
/** The file `<workspace>.json`. */
export type WorkspaceRecord = z.infer<typeof Record>;

const fileOf = (folder: string) => `${folder}.json`;

/** Null for a workspace of an older program, for one that was never finished, and when it cannot be read. */
export async function readRecord(folder: string): Promise<WorkspaceRecord | null> {
  return Record.safeParse(await readJson(fileOf(folder))).data ?? null;
}

/** Whether there is a record, readable or not. */
export async function hasRecord(folder: string): Promise<boolean> {
  return stat(fileOf(folder)).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}

/** Notes a workspace that was made. */
export async function writeRecord(run: { runId: string; taskId: string }, workspace: Workspace): Promise<void> {
  const { baseCommit, mirror, submodules, folder } = workspace;
  const { runId, taskId } = run;
  await writeDurably(fileOf(folder), {
    runId,
    taskId,
    baseCommit,
    mirror,
    submodules,
    keptPatch: null,
  } satisfies WorkspaceRecord);
}

/** Notes that the orchestrator has taken the change of a workspace. */
export async function notePatch(folder: string, sha256: string): Promise<void> {
  const record = await readRecord(folder);
  if (record !== null) await writeDurably(fileOf(folder), { ...record, keptPatch: sha256 } satisfies WorkspaceRecord);
}

/** The SHA-256 of a file, in hex. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
