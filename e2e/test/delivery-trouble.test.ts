// Servers that say no, are away, or change while a change is delivered: one clear reason, the work kept, and delivered again without
// Claude. The change is made once; every test delivers it anew.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliverTask, TaskDetail } from '@corch/contract';
import Libsql from 'libsql';
import { Hosting, login } from '../src/hosting.js';
import { RacePoints } from '../src/race-points.js';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
let hosting: Hosting;
let points: RacePoints;
let task: TaskDetail;
let branch: string;
/** A commit of somebody else. */
let theirs: string;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  points = new RacePoints(join(stack.folder, 'points'));
  await stack.startWorker({ env: points.env });
  hosting = await Hosting.start(stack);
  task = await stack.until((await submit()).id);
  branch = task.currentRun.branch ?? '';
  theirs = git(hosting.path, 'commit-tree', '-p', 'main', '-m', 'by somebody else', 'main^{tree}').trim();
});
afterAll(async () => {
  await hosting.close();
  await stack.stop();
});
beforeEach(() => {
  hosting.server.login = login;
  hosting.server.beforeAnswer = () => undefined;
  hosting.github.script.length = 0;
});

const submit = (more: object = {}) =>
  stack.submit({
    prompt: 'Make notes [[scenario:edits]]',
    repository: { name: 'app' },
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
    ...more,
  });

const runsOf = async ({ id }: TaskDetail) => (await stack.client.listTaskRuns({ params: { taskId: id } })).data;

/** Delivers once more, and gives the task with the runs that this took. */
async function deliver(body: DeliverTask = { mode: 'pr' }) {
  const before = (await runsOf(task)).length;
  await stack.client.deliverTask({ params: { taskId: task.id }, body });
  const ended = await stack.until(task.id);
  return { ended, tries: (await runsOf(task)).length - before };
}

/** Fails for a reason that the sentence tells, and leaves what Claude did as it was. */
async function fails(sentence: RegExp, tries = 1, body?: DeliverTask): Promise<void> {
  const delivery = await deliver(body);
  expect(delivery.ended).toMatchObject({ status: 'failed', reason: 'delivery_failed', stat: { files: 1 } });
  expect(delivery.ended.currentRun.exit?.message).toMatch(sentence);
  expect(delivery.tries).toBe(tries);
  const params = { runId: task.currentRunId };
  const { data } = await stack.client.listBlobs({ params });
  expect(data.map(({ name }) => name)).toContain('change.bundle');
  expect(Buffer.from(await stack.client.readPatch({ params })).toString()).toContain('+three');
}

/** @returns in how many runs */
async function succeeds(): Promise<number> {
  const delivery = await deliver();
  expect(delivery.ended).toMatchObject({
    status: 'succeeded',
    delivered: { branch, commit: hosting.tip(branch), pullRequest: { number: 1 } },
  });
  return delivery.tries;
}

/** Something happens on the server just before it answers the first request that the pattern fits. */
function before(request: RegExp, happens: () => void): void {
  let isOver = false;
  hosting.server.beforeAnswer = ({ method, url }) => {
    if (isOver || !request.test(`${method} ${url}`)) return;
    isOver = true;
    happens();
  };
}
const asksToPush = /service=git-receive-pack/;
const pushes = /^POST .*git-receive-pack/;

const dropBranch = () => git(hosting.path, 'update-ref', '-d', `refs/heads/${branch}`);
/** Somebody else puts another commit there. */
const takeBranch = () => git(hosting.path, 'update-ref', `refs/heads/${branch}`, theirs);
const gone = () => renameSync(hosting.path, `${hosting.path}.gone`);
const back = () => renameSync(`${hosting.path}.gone`, hosting.path);

describe('the API', () => {
  it.each([
    [401, 'Bad credentials', /refused the token \(Bad credentials\).*`corch secret set`/],
    [403, 'Resource not accessible by personal access token', /may not do that in acme\/app .*write access/],
    [404, 'Not Found', /acme\/app does not exist, or the token may not see it/],
    [422, 'Validation Failed', /did not accept it: Validation Failed/],
    [301, 'Moved Permanently', /acme\/app has moved.*`corch repo set`/],
  ])('%i: the branch is pushed, and the reason told once', async (status, message, sentence) => {
    hosting.github.script.push({ to: 'POST /pulls', status, body: { message } });
    await fails(sentence);
    expect(hosting.tip(branch)).not.toBeNull();
    expect(hosting.github.pulls).toEqual([]);
  });

  it('whose answer is lost: the pull request is found, and no second one opened', async () => {
    hosting.github.script.push({ to: 'POST /pulls', status: 502, isDone: true });
    expect(await succeeds()).toBe(2);
    expect(hosting.github.pulls).toHaveLength(1);
  });

  it('403 with a limit: asked again when it said', async () => {
    const headers = { 'retry-after': '1' };
    hosting.github.script.push({
      to: 'GET /pulls/:number',
      status: 403,
      body: { message: 'A secondary limit' },
      headers,
    });
    expect(await succeeds()).toBe(2);
  });

  it('that is broken: asked again a few times, then told; and again by hand', async () => {
    for (const status of [500, 502, 503, 504]) hosting.github.script.push({ to: 'GET /pulls/:number', status });
    await fails(/answered with 504/, 4);
    for (const status of [500, 503]) hosting.github.script.push({ to: 'GET /pulls/:number', status });
    expect(await succeeds()).toBe(3);
  });
});

describe('the server of the repository', () => {
  it('is asked once where the branch stands, and pushed to', async () => {
    dropBranch();
    hosting.server.requests.length = 0;
    await succeeds();
    const answered = hosting.server.requests.filter(({ status }) => status === 200);
    expect(answered.map(({ method, url }) => `${method} ${url.slice(url.indexOf('.git/') + 5)}`)).toEqual([
      'GET info/refs?service=git-upload-pack',
      'POST git-upload-pack',
      'GET info/refs?service=git-receive-pack',
      'POST git-receive-pack',
    ]);
  });

  it('is gone between the clone and the push', async () => {
    gone();
    await fails(/no repository .* any more, or the worker may not see it/);
    back();
    await succeeds();
  });

  it('is gone, or away, in the middle of a push', async () => {
    dropBranch();
    before(asksToPush, gone);
    await fails(/no repository .* any more, or the worker may not see it/);
    back();
    let cut = 0;
    // git itself tries once more where the line was good before.
    hosting.server.beforeAnswer = (request) => void (++cut <= 2 && request.socket.destroy());
    expect(await succeeds()).toBeGreaterThan(1);
  });

  it('has a branch of somebody else, from before or from just then', async () => {
    takeBranch();
    await fails(/stands at [0-9a-f]{12}, which did not come from this task, so it was not overwritten/);
    expect(hosting.tip(branch)).toBe(theirs);
    for (const moment of [asksToPush, pushes]) {
      dropBranch();
      before(moment, takeBranch);
      await fails(/was moved .* at the same moment .*nothing was pushed/);
      expect(hosting.tip(branch)).toBe(theirs);
    }
    dropBranch();
    await succeeds();
  });
});

describe('the commit of the change', () => {
  it('that is not kept any more is told, and one of a large change with odd names is delivered', async () => {
    const database = new Libsql(join(stack.data, 'corch.sqlite'), { timeout: 5000 });
    const rename = (from: string, to: string) =>
      database.prepare('UPDATE blobs SET name = ? WHERE name = ? AND run_id = ?').run([to, from, task.currentRunId]);
    rename('change.bundle', 'gone');
    dropBranch();
    const { ended } = await deliver();
    expect(ended).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(ended.currentRun.exit?.message).toContain('is not kept any more. Retry the task');
    rename('gone', 'change.bundle');
    database.close();
    await succeeds();

    const names = String.raw`printf x > "$(printf 'two\nlines')"; printf x > "$(printf 'no-utf8-\377')"`;
    const large60 = 'yes "one line of a change that is large" | head -c 60000000 > large.txt';
    const command = ['sh', '-c', `${large60}; ${names}`];
    const { id } = await submit({ executor: 'command', command, prompt: undefined, delivery: { mode: 'branch' } });
    const large = await stack.until(id);
    expect(large).toMatchObject({ status: 'succeeded', stat: { files: 3 } });
    const [run] = await runsOf(large);
    const patch = await stack.client.readPatch({ params: { runId: run?.id ?? '' } });
    expect(patch.byteLength).toBeGreaterThan(60_000_000);
    const size = git(hosting.path, 'cat-file', '-s', `${large.delivered?.branch}:large.txt`);
    expect(size.trim()).toBe('60000000');
    const listed = git(hosting.path, 'ls-tree', '--name-only', `${large.delivered?.branch}`);
    expect(listed.split('\n')).toEqual(expect.arrayContaining([String.raw`"no-utf8-\377"`, String.raw`"two\nlines"`]));
  });
});

describe('a token', () => {
  it('that is revoked while Claude works: told at the delivery, and delivered with another one', async () => {
    const other = { ...login, password: 'k3y-of-tomorrow' };
    points.holdAt('result.seen');
    const { id } = await submit({ delivery: { mode: 'pr' } });
    await points.reached('result.seen');
    hosting.server.login = other;
    hosting.github.token = other.password;
    points.release('result.seen');
    const refused = await stack.until(id);
    expect(refused).toMatchObject({ status: 'failed', reason: 'delivery_failed', stat: { files: 1 }, delivered: null });
    expect(refused.currentRun.exit?.message).toMatch(/refused the worker .*`corch secret set app`/);
    await hosting.setSecret(other.password);
    expect(await stack.corch(['pr', id, '--retry'])).toMatchObject({ code: 0 });
    const done = await stack.client.readTask({ params: { taskId: id } });
    expect(hosting.github.from(done.delivered?.branch ?? '')).toHaveLength(1);
    hosting.server.login = login;
    hosting.github.token = login.password;
    await hosting.setSecret(login.password);
  });
});

describe('all of it', () => {
  it('ran Claude once and opened one pull request', async () => {
    expect((await runsOf(task)).filter(({ executor }) => executor === 'claude')).toHaveLength(1);
    expect(hosting.github.from(branch)).toHaveLength(1);
  });

  it('opens no second pull request when the first was closed before anybody here knew of it', async () => {
    points.killAt('delivery.opened');
    const worker = stack.workers.at(-1);
    const { id } = await submit({ delivery: { mode: 'pr' } });
    await points.reached('delivery.opened');
    await worker?.ended;
    const { number } = hosting.github.pulls.at(-1) ?? { number: 0 };
    hosting.github.merge(number);
    await stack.startWorker({ env: points.env });
    const ended = await stack.until(id);
    expect(ended).toMatchObject({ status: 'failed', reason: 'delivery_failed' });
    expect(ended.currentRun.exit?.message).toContain(`its pull request #${number} (`);
    expect(hosting.github.from(ended.delivered?.branch ?? '')).toHaveLength(1);
  });
});
