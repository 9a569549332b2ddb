// A run that delivers: the kept commit is pushed, then a pull request is found or opened. Starts no child and needs no login. Every
// step can be repeated; a worker that was killed between two of them begins again and finds what is done.
import type { Delivered, Delivery, DeliveryOrder, EventBody } from '@corch/contract';
import { ApiError, patient } from '@corch/contract/client';
import { openFetch } from '@corch/transport';
import { rm, writeFile } from 'node:fs/promises';
import type { WorkerContext } from '../context.js';
import { codeOf } from '../error-facts.js';
import { racePoint } from '../race-point.js';
import type { Redactor } from '../redact.js';
import type { RepositoryAccess } from '../repository/repository-access.js';
import { readRunSecret } from '../repository/run-secret.js';
import type { RunFolder } from '../run-folder.js';
import { readRepositoryFile } from '../stages/repository-file.js';
import type { FetchedMirror } from '../workspace/mirrors.js';
import { resolveSource } from '../workspace/source.js';
import { DeliveryError } from './delivery-error.js';
import { demandAllowedApi, githubRepository } from './github-address.js';
import { Github, type FoundPullRequest } from './github.js';
import { pushCommit, remoteBranch } from './push.js';
import { diskFull } from './push-rules.js';
import { factsOf, pullRequestText } from './wording.js';

const downloadTimeoutMs = 300_000;

/** What a delivery works with. */
export interface DeliveryJob {
  readonly context: WorkerContext;
  readonly folder: RunFolder;
  readonly order: DeliveryOrder;
  readonly access: RepositoryAccess;
  readonly redactor: Redactor;
  readonly tell: (event: EventBody) => Promise<void>;
  /** Told as soon as something is public, so that it is known also when the rest fails. */
  readonly onDelivered: (delivered: Delivered) => void;
}

/**
 * Delivers.
 *
 * @throws DeliveryError or WorkspaceError with one clear sentence, or the abort reason of the signal
 */
export async function deliverChange(job: DeliveryJob): Promise<void> {
  const { context, order, access, tell, onDelivered } = job;
  const { repository } = job.folder.run.spec;
  if (repository === undefined) throw new DeliveryError('delivery_failed', 'The task has no repository to deliver to.');
  const source = await resolveSource(context.git, { source: repository, ...access });
  const env = await access.env(source.address);
  const { denied, signal } = access;
  const place = { address: source.address, order, folder: job.folder.file('push.git'), env, denied, signal };
  // Asked first, and once: of a server that is away or refuses the worker, it says so in words that fit.
  const before = await remoteBranch(context.git, place);
  const mirror = await context.mirrors.fetch({ source: repository, ...access, mayRead: true }, order.baseCommit);
  const bundleFile = job.folder.file('delivery.bundle');
  let isMoved: boolean;
  try {
    await writeFile(bundleFile, await readBundle(job), { mode: 0o600 });
    isMoved = await pushCommit(context.git, { ...place, before, mirror: mirror.path, bundleFile });
  } catch (error) {
    throw codeOf(error) === 'ENOSPC' ? diskFull() : error;
  } finally {
    await rm(bundleFile, { force: true });
  }
  const { branch, commit } = order;
  onDelivered({ branch, commit, pullRequest: order.pullRequest });
  const at = commit.slice(0, 12);
  const text = isMoved
    ? `Pushed ${at} to the branch ${branch} of ${source.address}.`
    : `The branch ${branch} of ${source.address} is at ${at} already.`;
  await tell({ type: 'delivery', step: 'pushed', branch, commit, url: null, text });
  await racePoint('delivery.pushed');
  if (order.mode !== 'pr') return;
  const { pullRequest, isNew } = await pullRequestOf(job, mirror);
  await racePoint('delivery.opened');
  onDelivered({ branch, commit, pullRequest });
  const what = `Pull request #${pullRequest.number} ${isNew ? 'opened' : 'updated'}.`;
  await tell({ type: 'delivery', step: 'pull_request', branch, commit, url: pullRequest.url, text: what });
}

async function readBundle({ context, folder, access }: DeliveryJob): Promise<Uint8Array> {
  const { runId, runToken } = folder.run;
  const call = { params: { runId }, retry: patient, signal: access.signal, timeoutMs: downloadTimeoutMs };
  try {
    return await context.clientFor(runToken).readBundle(call);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'blob_not_found') throw error;
    const text = 'The commit of the change is not kept any more. Retry the task to have it made anew.';
    throw new DeliveryError('delivery_failed', text, null, { cause: error });
  }
}

/** The one pull request of the task: the one that is known, else one of the branch, else a new one. */
async function pullRequestOf(job: DeliveryJob, mirror: FetchedMirror) {
  const { order, folder } = job;
  const github = await openGithub(job);
  const found = await findPullRequest(github, order);
  if (found !== null) {
    const { pullRequest } = found;
    job.onDelivered({ branch: order.branch, commit: order.commit, pullRequest });
    demandOpen(found);
    return { pullRequest, isNew: false };
  }
  const place = { folder: mirror.path, mirror: mirror.path, baseCommit: order.baseCommit };
  const { file } = await readRepositoryFile(job.context.git, place, job.access.signal);
  const { delivery: asked } = folder.run.spec;
  const delivery: Delivery = { mode: order.mode, ...file.delivery, ...asked, ...order.wording };
  const wording = pullRequestText(delivery, factsOf(folder.run, order.answer));
  const base = delivery.base ?? (await baseOf(job, mirror));
  const request = { head: order.branch, base, draft: delivery.draft ?? false, ...wording };
  return { pullRequest: await github.open(request), isNew: true };
}

async function findPullRequest(github: Github, { pullRequest, branch, knownCommits, commit }: DeliveryOrder) {
  if (pullRequest === null) return github.find(branch, [commit, ...knownCommits]);
  return { pullRequest, state: await github.state(pullRequest.number) };
}

function demandOpen({ pullRequest: { number, url }, state }: FoundPullRequest): void {
  if (state === 'open') return;
  const next = state === 'merged' ? 'Submit a new task for what follows.' : 'Reopen it, then deliver again.';
  const text = `The branch was pushed, but its pull request #${number} (${url}) is ${state}, and a task has only one. ${next}`;
  throw new DeliveryError('delivery_failed', text);
}

/** The branch that the task started from, else the default branch. */
async function baseOf({ context, folder, access }: DeliveryJob, mirror: FetchedMirror): Promise<string> {
  const { ref } = folder.run.spec;
  if (ref !== undefined) {
    const name = `refs/remotes/origin/${ref}`;
    const answer = await context.mirrors.gitIn(mirror.path, ['rev-parse', '--verify', '--quiet', name], {
      signal: access.signal,
    });
    if (answer.code === 0) return ref;
  }
  if (mirror.defaultBranch !== null) return mirror.defaultBranch;
  const text = `${mirror.source.address} has no default branch to merge into. Name one as the base of the delivery.`;
  throw new DeliveryError('delivery_failed', text);
}

async function openGithub({ context, folder, access, redactor }: DeliveryJob): Promise<Github> {
  const { run } = folder;
  const { repository } = run.spec;
  if (repository === undefined || !('url' in repository)) {
    throw new DeliveryError('delivery_failed', 'A pull request needs a repository by its address; deliver a branch.');
  }
  const place = githubRepository(repository.url, run.repository?.apiUrl ?? null);
  demandAllowedApi(place.apiUrl, repository.url, context.config.allowRepositories);
  if (run.repository?.hasApiSecret !== true) {
    const text = `There is no API secret for ${repository.url}, so the branch was pushed without a pull request. Register the repository and set one with \`corch secret set\`, then deliver again.`;
    throw new DeliveryError('delivery_failed', text);
  }
  const { environment, caFile } = context.config;
  const { value } = await readRunSecret(context, run, 'api', redactor, access.signal);
  return new Github(place, value, await openFetch({ url: place.apiUrl, environment, caFile }), access.signal);
}
