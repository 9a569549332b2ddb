// The change of a run at its end, however it ended: counted, written as a patch and a commit, told in the transcript.
import {
  bundleBase,
  bundleName,
  filesName,
  mailName,
  sizeText,
  type ChangedFiles,
  type DiffStat,
  type EventBody,
} from '@corch/contract';
import { rm, stat, writeFile } from 'node:fs/promises';
import type { WorkerContext } from './context.js';
import { commitMessage, defaultAuthor, factsOf } from './deliver/wording.js';
import { messageOf } from './error-facts.js';
import { followedCommit } from './followed-change.js';
import type { Redactor } from './redact.js';
import type { RunFolder } from './run-folder.js';
import { authorSettings } from './workspace/author.js';
import { maxPatchBytes, readChange, type Change } from './workspace/change.js';
import { bytesOf, type CommitRequest } from './workspace/commit.js';
import { GitMissingError } from './workspace/git.js';

export interface RecordedChange {
  readonly stat: DiffStat | null;
  /** The commit of the change, when it is kept. */
  readonly commit: string | null;
  /** Why the change cannot be delivered though there is one; a sentence. */
  readonly problem: string | null;
  /** Files of the run folder that are to be kept with the run, under the same names. */
  readonly files: readonly string[];
  readonly events: EventBody[];
}

const nothing: RecordedChange = { stat: null, commit: null, problem: null, files: [], events: [] };
/** The change for `git apply`. */
export const patchName = 'patch.diff';
/** So many files are listed; the rest is counted. */
const maxListed = 5000;

/**
 * Reads the change. A failure here does not change how the run ended; it is told in the transcript.
 *
 * @param maxBytes of one file: what is larger is told and stays here
 */
export async function recordChange(
  context: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  answer: string | null,
  maxBytes = maxPatchBytes,
): Promise<RecordedChange> {
  const { workspace } = folder.state;
  const exists = workspace !== null && (await stat(workspace.folder).catch(() => null))?.isDirectory();
  if (!exists) return nothing;
  const { branch, baseCommit, mirror } = workspace;
  try {
    const place = { workspace: workspace.folder, baseCommit, mirror, shadow: folder.file('change.git') };
    const secrets = redactor.certain;
    const commit = await commitRequest(context, folder, redactor, answer, baseCommit);
    const change = await readChange(context.git, { ...place, patchFile: folder.file(patchName), secrets, commit });
    await writeList(folder, change);
    const leak = leakIn(change, redactor, workspace.folder);
    const kept =
      leak === null ? await keepSmall(folder, change, workspace.folder, maxBytes) : await keepNone(folder, leak);
    const events: EventBody[] = [{ type: 'change', branch, stat: change.stat }];
    if (change.unread !== null) {
      const text = `Some files could not be read and are not part of the change (${change.unread}). They lie on the worker in ${workspace.folder}.`;
      events.push({ type: 'note', level: 'warn', text });
    }
    const { commit: made, follows } = change.made;
    if (folder.run.follows !== null && made !== null && !follows) {
      const text = `The commit ${folder.run.follows.commit.slice(0, 12)}, which was delivered before, is not here to build on, so the one of this run holds the whole change and replaces it.`;
      events.push({ type: 'note', level: 'warn', text });
    }
    // What was delivered may have been taken back since: then there is a commit, and nothing that it changes.
    const isNothing = change.stat.files === 0 && made === null;
    const files = isNothing || leak !== null ? [] : [...kept.files, filesName];
    const isKept = files.includes(bundleName);
    const missing = leak ?? `The commit of the change is larger than ${sizeText(maxBytes)}.`;
    return {
      stat: change.stat,
      commit: isKept ? made : null,
      problem: isKept || made === null ? null : missing,
      files,
      events: [...events, ...kept.events],
    };
  } catch (error) {
    // Without a repository nothing was promised.
    if (error instanceof GitMissingError && baseCommit === null) return nothing;
    context.logger.warn('change not read', { runId: folder.run.runId, error });
    const text = `The change could not be read (${messageOf(error)}). The files lie on the worker in ${workspace.folder}.`;
    return { ...nothing, problem: text, events: [{ type: 'note', level: 'error', text }] };
  }
}

async function commitRequest(
  { git }: WorkerContext,
  folder: RunFolder,
  redactor: Redactor,
  answer: string | null,
  baseCommit: string | null,
): Promise<CommitRequest> {
  const { run } = folder;
  const { delivery } = run.spec;
  const commit = folder.state.stage?.plan.commit ?? run.spec.commit;
  return {
    author: commit?.author ?? (await ownAuthor(git, folder.path)),
    message: redactor.text(commitMessage(commit, factsOf(run, answer))),
    bundleFile: folder.file(bundleName),
    follows: await followedCommit(folder),
    ...(baseCommit !== null && { bundleBase: bundleBase(baseCommit, run.startsFrom) }),
    mailFile: delivery?.mode === 'patch' ? folder.file(mailName) : null,
  };
}

/** Of the worker's user, never of the workspace: that is in the hands of whoever worked there. */
async function ownAuthor(git: WorkerContext['git'], folder: string): Promise<string> {
  const settings = new Map(await authorSettings(git, folder, AbortSignal.timeout(10_000)));
  const [name, mail] = [settings.get('user.name'), settings.get('user.email')];
  return name === undefined || mail === undefined ? defaultAuthor : `${name} <${mail}>`;
}

/** The list of files as the API gives it. */
async function writeList(folder: RunFolder, { files }: Change): Promise<void> {
  const list = { data: files.slice(0, maxListed), left: Math.max(0, files.length - maxListed) } satisfies ChangedFiles;
  await writeFile(folder.file(filesName), JSON.stringify(list), { mode: 0o600 });
}

/** Why the change stays on this machine, as it holds a secret of it; a sentence, or null. */
function leakIn({ withSecrets }: Change, redactor: Redactor, workspace: string): string | null {
  const [first, ...more] = withSecrets;
  if (first === undefined) return null;
  const where = redactor.text(more.length === 0 ? first : `${first} and ${more.length} more`);
  return `The change holds a secret of this worker (in ${where}), so it does not leave the worker, where it lies in ${workspace}. Have the secret taken out, or do so yourself.`;
}

async function keepNone(folder: RunFolder, leak: string): Promise<{ files: string[]; events: EventBody[] }> {
  for (const name of [patchName, bundleName, mailName, filesName]) await rm(folder.file(name), { force: true });
  return { files: [], events: [{ type: 'note', level: 'error', text: leak }] };
}

/** Gives up what is larger than the orchestrator takes. */
async function keepSmall(folder: RunFolder, change: Change, workspace: string, maxBytes: number) {
  const sizes = [
    { name: patchName, what: 'change', size: change.size },
    { name: bundleName, what: 'commit of the change', size: await bytesOf(folder.file(bundleName)) },
    { name: mailName, what: 'patch for `git am`', size: await bytesOf(folder.file(mailName)) },
  ];
  const files: string[] = [];
  const events: EventBody[] = [];
  for (const { name, what, size } of sizes) {
    if (size > 0 && size <= maxBytes) files.push(name);
    if (size <= maxBytes) continue;
    await rm(folder.file(name), { force: true });
    const text = `The ${what} is larger than ${sizeText(maxBytes)} (${size} bytes) and was not kept. It lies on the worker in ${workspace}.`;
    events.push({ type: 'gap', text, bytes: size });
  }
  return { files, events };
}
