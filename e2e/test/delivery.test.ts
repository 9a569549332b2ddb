// From a change to its pull request, with the real programs: a server for git, and beside it one that answers like GitHub.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, TaskDetail } from '@corch/contract';
import type { GithubApi } from '../src/github-api.js';
import { Hosting, login } from '../src/hosting.js';
import { RacePoints, type RacePoint } from '../src/race-points.js';
import { git } from '../src/repository.js';
import { filesWith } from '../src/search-files.js';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const repository = { name: 'app' };

let stack: Stack;
let hosting: Hosting;
let github: GithubApi;
let points: RacePoints;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  points = new RacePoints(join(stack.folder, 'points'));
  await stack.startWorker({ env: points.env, folder: join(stack.folder, 'the-worker') });
  hosting = await Hosting.start(stack);
  ({ github } = hosting);
});
afterAll(async () => {
  await hosting.close();
  await stack.stop();
});
beforeEach(() => {
  github.token = login.password;
  github.script.length = 0;
});

const submit = (delivery: Delivery) =>
  stack.submit({
    prompt: 'Make notes [[scenario:edits]]',
    repository,
    delivery,
    backoff: { type: 'fixed', delayMs: 0, maxMs: 0 },
  });
const delivered = async (delivery: Delivery): Promise<TaskDetail> => stack.until((await submit(delivery)).id);
const served = (branch: string) => hosting.tip(branch);
const claudeRuns = async (taskId: string) => {
  const { data } = await stack.client.listTaskRuns({ params: { taskId } });
  return data.filter(({ executor }) => executor === 'claude').length;
};
const branchOf = (task: TaskDetail) => task.delivered?.branch ?? '';

describe('a change', () => {
  it('is pushed and becomes a pull request, once, however often it is delivered', async () => {
    const done = await delivered({ mode: 'pr', draft: true });
    expect(done).toMatchObject({ status: 'succeeded', runCount: 2, stat: { files: 1 } });
    const branch = branchOf(done);
    const [pull] = github.from(branch);
    expect(done.delivered).toMatchObject({ commit: served(branch), pullRequest: { number: 1, url: pull?.html_url } });
    expect(pull).toMatchObject({ base: 'main', title: done.title, draft: true });
    expect(pull?.body).toContain(done.url);
    expect(git(hosting.path, 'show', '--format=%an|%B', '--stat', branch)).toContain('notes.txt');

    const shown = await stack.corch(['pr', done.id, '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ branch, pullRequest: { number: 1 } });
    const again = await stack.corch(['pr', done.id, '--retry']);
    expect(again).toMatchObject({ code: 0 });
    expect(github.from(branch)).toHaveLength(1);
    expect(await claudeRuns(done.id)).toBe(1);

    const checkout = join(stack.folder, 'checkout');
    const open = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'credential.helper', GIT_CONFIG_VALUE_0: helper };
    git(stack.folder, 'clone', '-q', hosting.path, checkout);
    git(checkout, 'remote', 'set-url', 'origin', hosting.server.urlOf(hosting.slug));
    git(checkout, 'branch', '-r', '-d', `origin/${branch}`);
    const taken = await stack.corch(['checkout', done.id, '-b', 'review'], open, checkout);
    expect(taken).toMatchObject({ code: 0 });
    expect(git(checkout, 'rev-parse', 'HEAD').trim()).toBe(done.delivered?.commit);
    expect(git(checkout, 'rev-parse', '--abbrev-ref', 'review@{upstream}').trim()).toBe(`origin/${branch}`);
  });

  it('is only pushed, or only kept, when that was asked for', async () => {
    const before = github.requests.length;
    const pushed = await delivered({ mode: 'branch', branch: 'topic/notes' });
    expect(pushed.delivered).toEqual({ branch: 'topic/notes', commit: served('topic/notes'), pullRequest: null });
    const kept = await delivered({ mode: 'patch' });
    expect(kept).toMatchObject({ status: 'succeeded', runCount: 1, delivered: null });
    const { data } = await stack.client.listBlobs({ params: { runId: kept.currentRunId } });
    expect(data.map(({ name }) => name)).toEqual(expect.arrayContaining(['change.bundle', 'change.patch']));
    expect(github.requests).toHaveLength(before);
    const asked = await stack.corch(['pr', kept.id, '--title', 'By hand', '--base', 'main', '--draft']);
    expect(asked).toMatchObject({ code: 0 });
    expect(github.pulls.at(-1)).toMatchObject({ title: 'By hand', draft: true });
  });
});

describe('the commit of a change', () => {
  /** Author, mail, message and trailers, as git shows them. */
  const shown = (path: string, branch: string) =>
    git(path, 'log', '-1', '--format=%an%x00%ae%x00%s%x00%(trailers:only)', branch).trim().split('\0');

  it('is worded as the repository and the task say: author, message and trailers', async () => {
    const set = ['--commit-author', 'Ada <ada@example.org>', '--trailer', 'Reviewed-by: Bob <bob@example.org>'];
    const worded = await stack.corch(['repo', 'set', 'app', ...set, '--commit-message', 'fix: {title}']);
    expect(worded).toMatchObject({ code: 0 });
    const done = await delivered({ mode: 'branch' });
    expect(shown(hosting.path, branchOf(done))).toEqual([
      'Ada',
      'ada@example.org',
      `fix: ${done.title}`,
      `Reviewed-by: Bob <bob@example.org>\nTask: ${done.url}`,
    ]);
    const unset = await stack.corch(['repo', 'set', 'app', '--unset', 'commit-author,commit-message,trailer']);
    expect(unset).toMatchObject({ code: 0 });
  });

  it('takes from .corch.yaml what the task does not say, word by word', async () => {
    const file =
      "commit:\n  author: Eve <eve@example.org>\n  message: of the file\n  trailers: ['Signed-off-by: Eve']\n";
    const path = stack.repository('worded', { '.corch.yaml': file });
    const { id } = await stack.submit({
      prompt: 'Make notes [[scenario:edits]]',
      repository: { path },
      commit: { message: 'notes: {title}\n\nAsked for by nobody.' },
      delivery: { mode: 'branch' },
    });
    const done = await stack.until(id);
    const trailers = `Signed-off-by: Eve\nTask: ${done.url}`;
    const subject = `notes: ${done.title}`;
    expect(shown(path, branchOf(done))).toEqual(['Eve', 'eve@example.org', subject, trailers]);
    expect(git(path, 'log', '-1', '--format=%b', branchOf(done)).trim()).toBe(`Asked for by nobody.\n\n${trailers}`);
  });
});

describe('a change with a renamed and a binary file', () => {
  it('is the same by `git apply`, by `git am` and as a branch', async () => {
    const command = ['sh', '-c', String.raw`git mv README.md READ.md && printf 'a\0b' > image.bin`];
    const author = 'Ada <ada@example.org>';
    const { id } = await stack.submit({
      executor: 'command',
      command,
      repository,
      commit: { author },
      delivery: { mode: 'patch' },
    });
    const done = await stack.until(id);
    expect(done).toMatchObject({ status: 'succeeded', stat: { files: 2 }, delivered: null });
    const mine = join(stack.folder, 'mine');
    git(stack.folder, 'clone', '-q', hosting.path, mine);
    const taken = async (...args: string[]) => {
      const { code, stdout } = await stack.corch(['diff', id, ...args]);
      expect(code).toBe(0);
      writeFileSync(join(stack.folder, 'taken'), stdout);
      return join(stack.folder, 'taken');
    };
    git(mine, 'apply', '--index', await taken());
    const applied = git(mine, 'write-tree');
    git(mine, 'reset', '-q', '--hard');
    git(mine, 'am', '-q', await taken('--mbox'));
    expect(git(mine, 'log', '-1', '--format=%an <%ae>|%s')).toBe(`${author}|${done.title}\n`);
    expect(git(mine, 'show', '-M', '--summary', '--format=').trim().split(/\n */)).toEqual([
      'rename README.md => READ.md (100%)',
      'create mode 100644 image.bin',
    ]);
    const mailed = git(mine, 'rev-parse', 'HEAD^{tree}');
    expect(await stack.corch(['checkout', id, '-b', 'taken'], {}, mine)).toMatchObject({ code: 0 });
    expect([applied, mailed]).toEqual(Array(2).fill(git(mine, 'rev-parse', 'taken^{tree}')));
    expect(readFileSync(join(mine, 'image.bin'), 'latin1')).toBe('a\0b');
  });
});

describe('a repository, from the command line', () => {
  it('is registered, opened and trusted; its runs are named and keep files as it says; and it is forgotten', async () => {
    const corch = async (...args: string[]) => {
      const ended = await stack.corch(args);
      expect(ended).toMatchObject({ code: 0 });
      return ended.stdout;
    };
    const url = hosting.server.repository('acme/tools');
    await corch('repo', 'add', 'tools', url, '--branch-template', 'bot/{title}/{task}', '--artifact', 'out/*');
    const secret = ['secret', 'set', 'tools', '--username', login.username];
    expect(await stack.corch(secret, {}, undefined, `${login.password}\n`)).toMatchObject({
      code: 0,
      stdout: 'token\n',
    });
    await corch('repo', 'trust', 'tools', '--yes');
    expect(await corch('repo', 'ls')).toMatch(/^tools\t.*\tyes\ttoken$/m);
    expect(await corch('repo', 'show', 'tools')).toMatch(/^branches\tbot\/\{title\}\/\{task\}$/m);

    const command = ['sh', '-c', 'mkdir out && echo report > out/report.txt'];
    const work = { executor: 'command', command, title: 'Write it!', delivery: { mode: 'branch' } } as const;
    const { id } = await stack.submit({ ...work, repository: { name: 'tools' } });
    const done = await stack.until(id);
    const branch = `bot/write-it/${id.slice(-6)}`;
    expect(done).toMatchObject({ status: 'succeeded', delivered: { branch } });
    expect(git(hosting.server.pathOf('acme/tools'), 'rev-parse', branch).trim()).toBe(done.delivered?.commit);
    expect(await corch('artifact', 'ls', id)).toBe('7\tout/report.txt\n');
    const got = join(stack.folder, 'got');
    expect(await corch('artifact', 'get', id, '-o', got)).toBe(`${join(got, 'out/report.txt')}\n`);
    expect(readFileSync(join(got, 'out/report.txt'), 'utf8')).toBe('report\n');

    expect(await corch('secret', 'ls', 'tools')).toMatch(/^tools\ttoken\tgit,api\trobot\tset\t/);
    await corch('secret', 'rm', 'tools', 'token', '--yes');
    expect(await corch('secret', 'ls', 'tools', '--quiet')).toBe('');
    await corch('repo', 'rm', 'tools', '--yes');
    expect(await stack.corch(['repo', 'show', 'tools'])).toMatchObject({ code: 5 });
  });
});

describe('the branch of a task', () => {
  it('is where another task can start', async () => {
    const first = await delivered({ mode: 'branch' });
    const next = await stack.submit({
      executor: 'command',
      command: ['sh', '-c', 'cat notes.txt && echo more >> notes.txt'],
      repository,
      ref: branchOf(first),
    });
    const done = await stack.until(next.id);
    expect(done).toMatchObject({ status: 'succeeded', currentRun: { baseCommit: first.delivered?.commit } });
    expect((await stack.corch(['diff', done.id])).stdout).toContain('+more');
  });
});

describe('an API elsewhere', () => {
  const setApi = (apiUrl: string | null) =>
    stack.client.editRepository({ params: { repository: 'app' }, body: { apiUrl } });

  it('is asked where the repository says that it is', async () => {
    await setApi(new URL('/rest/', hosting.server.url).href);
    github.roots.length = 0;
    const done = await delivered({ mode: 'pr' });
    expect(done).toMatchObject({ status: 'succeeded', delivered: { pullRequest: { url: expect.any(String) } } });
    expect(new Set(github.roots)).toEqual(new Set(['/rest']));
    await expect(setApi('https://api.example.org')).rejects.toMatchObject({ code: 'validation_failed' });
    await setApi(null);
  });
});

/** What a person would have in a credential helper. */
const helper = `!f() { echo username=${login.username}; echo password=${login.password}; }; f`;

describe('a server that says no', () => {
  it('to the push: one sentence, the work kept, and delivered later without Claude', async () => {
    const hook = join(hosting.path, 'hooks', 'pre-receive');
    mkdirSync(join(hosting.path, 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "no pushes on Sundays" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const failed = await delivered({ mode: 'pr' });
    expect(failed).toMatchObject({ status: 'failed', reason: 'delivery_failed', delivered: null });
    expect(failed.currentRun.exit?.message).toMatch(/does not take the branch .*no pushes on Sundays/);
    const diff = await stack.corch(['diff', failed.id, '--name-only']);
    expect(diff).toMatchObject({ code: 0, stdout: 'notes.txt\n' });
    rmSync(hook);
    const retried = await stack.corch(['pr', failed.id, '--retry']);
    expect(retried).toMatchObject({ code: 0 });
    expect(retried.stdout).toContain('pull request #');
    expect(await claudeRuns(failed.id)).toBe(1);
  });

  it('to the base: failed for good, and delivered with another one', async () => {
    const invalid = await delivered({ mode: 'pr', base: 'no-such-branch' });
    expect(invalid).toMatchObject({ status: 'failed', reason: 'delivery_failed', runCount: 2 });
    expect(invalid.currentRun.exit?.message).toContain('Field "base" is invalid');
    expect(await stack.corch(['pr', invalid.id, '--base', 'main'])).toMatchObject({ code: 0 });
    expect(github.from(branchOf(invalid))).toHaveLength(1);
  });

  it('for now (429): it is asked again when it said, and no sooner', async () => {
    const headers = { 'retry-after': '2' };
    github.script.push({ to: 'POST /pulls', status: 429, body: { message: 'Slow down' }, headers });
    const done = await delivered({ mode: 'pr' });
    expect(done).toMatchObject({ status: 'succeeded', runCount: 3 });
    const { data } = await stack.client.listTaskRuns({ params: { taskId: done.id } });
    const [, limited, last] = data;
    expect(limited).toMatchObject({ status: 'failed', reason: 'delivery_failed', executor: 'deliver' });
    const waited = Date.parse(last?.startedAt ?? '') - Date.parse(limited?.startedAt ?? '');
    expect(waited).toBeGreaterThanOrEqual(2000);
    expect(github.from(branchOf(done))).toHaveLength(1);
  });
});

describe('a worker that is killed', () => {
  it.each<RacePoint>(['delivery.pushed', 'delivery.opened'])('at %s: exactly one pull request', async (point) => {
    points.killAt(point);
    const worker = stack.workers.at(-1);
    const { id } = await submit({ mode: 'pr' });
    await points.reached(point);
    await worker?.ended;
    await stack.startWorker({
      env: { ...points.env, WORKER_ENROL_TOKEN: '' },
      folder: join(stack.folder, 'the-worker'),
    });
    const done = await stack.until(id);
    expect(done).toMatchObject({ status: 'succeeded' });
    const pulls = github.from(branchOf(done));
    expect(pulls).toHaveLength(1);
    expect(done.delivered).toMatchObject({ commit: served(branchOf(done)), pullRequest: { number: pulls[0]?.number } });
    expect(await claudeRuns(id)).toBe(1);
  });
});

describe('the secret', () => {
  it('stands in no file and no transcript', async () => {
    await waitFor('all runs to end', async () => {
      const { data } = await stack.client.listTasks({ query: { status: ['running', 'queued', 'scheduled'] } });
      return data.length === 0;
    });
    expect(filesWith(stack.folder, [login.password])).toEqual([]);
    const logs = stack.programs.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(logs).not.toContain(login.password);
  });
});
