// Whether a workspace holds work that would be lost with it. Nothing that Claude put into its .git is run or believed: files are
// read through a repository of our own, commits through the mirror.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../error-facts.js';
import { readChange } from '../workspace/change.js';
import type { Git } from '../workspace/git.js';
import { hashOf, type WorkspaceRecord } from './workspace-record.js';

/** `null`: removing it loses nothing. Otherwise what would be lost, as the end of a sentence. */
export type Loss = string | null;

/** References beyond this number are not looked at; nobody's run makes so many for good. */
const maxRefs = 1000;

/** Looks at everything a run may have left in its workspace, except files that git ignores. */
export async function lossOf(git: Git, folder: string, record: WorkspaceRecord, signal?: AbortSignal): Promise<Loss> {
  const scratch = await mkdtemp(join(tmpdir(), 'corch-gc-'));
  try {
    return (
      (await filesLost(git, folder, record, scratch, signal)) ??
      (await submodulesLost(git, folder, record, scratch, signal)) ??
      (await commitsLost(git, folder, record, signal))
    );
  } catch (error) {
    signal?.throwIfAborted();
    return `it cannot be read (${messageOf(error)})`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function filesLost(
  git: Git,
  folder: string,
  record: WorkspaceRecord,
  scratch: string,
  signal?: AbortSignal,
): Promise<Loss> {
  const { baseCommit, mirror, keptPatch } = record;
  const patchFile = join(scratch, 'patch.diff');
  const source = { workspace: folder, baseCommit, mirror, shadow: join(scratch, 'shadow.git'), patchFile };
  const change = await readChange(git, { ...source, wantsTree: true }, signal);
  if (change.unread !== null) return `files of it cannot be read (${change.unread})`;
  if (change.size === 0 || (await hashOf(patchFile)) === keptPatch) return null;
  if (change.tree !== null && (await isPushed(git, folder, record, change.tree, signal))) return null;
  const what = `its change (${change.stat.files} ${change.stat.files === 1 ? 'file' : 'files'})`;
  return `the orchestrator has no copy of ${what} as it is now`;
}

/** Whether a branch or tag of the remote, as it was seen last, has these very files since the commit that the workspace began at. */
async function isPushed(
  git: Git,
  folder: string,
  { mirror, baseCommit }: WorkspaceRecord,
  tree: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (mirror === null || baseCommit === null) return false;
  const options = { cwd: folder, ...(signal !== undefined && { signal }) };
  const args = ['log', '--format=%T', '--remotes', '--tags', '--not', baseCommit];
  const trees = await git.ask([`--git-dir=${mirror}`, ...args], options);
  return trees?.split('\n').includes(tree) === true;
}

/** A patch says nothing of what is inside a submodule. */
async function submodulesLost(
  git: Git,
  folder: string,
  { submodules }: WorkspaceRecord,
  scratch: string,
  signal?: AbortSignal,
): Promise<Loss> {
  for (const { path, commit } of submodules) {
    const workspace = join(folder, path);
    if ((await stat(join(workspace, '.git')).catch(() => null)) === null) continue;
    const patchFile = join(scratch, 'submodule.diff');
    const source = { workspace, baseCommit: commit, shadow: join(scratch, 'submodule.git'), patchFile };
    if ((await readChange(git, source, signal)).size > 0) return `the submodule ${path} was changed`;
  }
  return null;
}

/** Commits on other branches and in the stash. Those below HEAD are in the patch by what they changed. */
async function commitsLost(
  git: Git,
  folder: string,
  { mirror, baseCommit }: WorkspaceRecord,
  signal?: AbortSignal,
): Promise<Loss> {
  const gitDir = join(folder, '.git');
  if (mirror === null || baseCommit === null || (await stat(gitDir).catch(() => null)) === null) return null;
  const options = { cwd: folder, ...(signal !== undefined && { signal }) };
  const names = ['refs/heads', 'refs/stash', 'refs/notes'];
  const ask = (args: readonly string[]) => git.ask([`--git-dir=${gitDir}`, ...args], options);
  const refs = await ask(['for-each-ref', `--count=${maxRefs + 1}`, '--format=%(objectname)', ...names]);
  if (refs === null) return 'its branches cannot be read';
  const tips = [...new Set(refs.split('\n').filter((id) => id !== ''))];
  if (tips.length > maxRefs) return `it has more than ${maxRefs} branches`;
  const head = await ask(['rev-parse', '--verify', '--quiet', 'HEAD']);
  const others = tips.filter((id) => id !== head && id !== baseCommit);
  if (others.length === 0) return null;
  const known = [...(head === null ? [] : [head]), baseCommit];
  // By the mirror's configuration: the workspace's own may name programs.
  const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(gitDir, 'objects') };
  const args = [`--git-dir=${mirror}`, 'rev-list', '--count', ...others, '--not', '--all', ...known];
  const answer = await git.run(args, { ...options, cwd: mirror, env });
  if (answer.code !== 0) return 'its branches cannot be read';
  const count = Number(answer.stdout.trim());
  return count === 0 ? null : `${count} of its commits are on no branch that is kept elsewhere`;
}
