// diff, checkout, pr and artifact, against a server that pretends to be the orchestrator and real repositories.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corch } from '../testing/corch.js';
import { at, makeRun, makeTask } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
let folder: string;
beforeEach(async () => {
  server = await TestServer.start();
  folder = mkdtempSync(join(tmpdir(), 'corch-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const call = (args: readonly string[], options: { isTTY?: boolean; cwd?: string } = {}) =>
  corch(args, { cwd: folder, ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_key_x' } });
const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', [...author, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();

const pullRequest = { number: 7, url: 'https://git.test/acme/app/pull/7' };
const stat = { files: 1, additions: 1, deletions: 0 };

/** A finished task whose last run delivered what the one before it made. */
function addDelivered(given: { commit: string; baseCommit: string; branch?: string; pr?: typeof pullRequest | null }) {
  const { commit, baseCommit, branch = 'corch/fix' } = given;
  const source = makeRun({ status: 'succeeded', commit, baseCommit, branch, stat });
  const delivered = { branch, commit, pullRequest: given.pr === undefined ? pullRequest : given.pr };
  const taskId = source.taskId;
  const ends = { taskId, status: 'succeeded', endedAt: at(9), delivered, stat } as const;
  const currentRun = makeRun({ ...ends, attempt: 2, executor: 'deliver', trigger: 'deliver', sourceRunId: source.id });
  const task = server.addTask(makeTask({ ...ends, id: taskId, runCount: 2, currentRun }));
  server.earlierRuns.set(taskId, [source]);
  server.handlers['readRun'] = () => ({ body: source });
  return { task, source };
}

const [commit, baseCommit] = ['c'.repeat(40), 'b'.repeat(40)] as const;

describe('diff', () => {
  it('of a task that was delivered shows what the run before made', async () => {
    const { task, source } = addDelivered({ commit, baseCommit });
    server.patches.set(source.id, 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+one\n');
    expect((await call(['diff', task.id, '--stat'])).stdout).toBe('x\t1\t0\n');
    expect((await call(['diff', task.id])).stdout).toContain('+one');
  });

  it('of a renamed file names both on a screen, and the new one in a pipe as --name-only does', async () => {
    const { task, source } = addDelivered({ commit, baseCommit });
    const renamed = 'similarity index 90%\nrename from lib/a.js\nrename to lib/longer.js\n';
    const lines = '--- a/lib/a.js\n+++ b/lib/longer.js\n@@ -1 +1 @@\n-one\n+two\n';
    server.patches.set(source.id, `diff --git a/lib/a.js b/lib/longer.js\n${renamed}${lines}`);
    const file = { path: 'lib/longer.js', from: 'lib/a.js', additions: 1, deletions: 1, binary: false };
    server.handlers['listFiles'] = () => ({ body: { data: [{ ...file, status: 'renamed' }], left: 0 } });
    const screen = await call(['diff', task.id, '--stat'], { isTTY: true });
    expect(screen.stdout).toContain('lib/a.js → lib/longer.js  ');
    expect((await call(['diff', task.id, '--stat'])).stdout).toBe('lib/longer.js\t1\t1\n');
    expect((await call(['diff', task.id, '--name-only'])).stdout).toBe('lib/longer.js\n');
    expect(JSON.parse((await call(['diff', task.id, '--stat', '--json'])).stdout)).toMatchObject({ files: [file] });
  });

  it('--name-only names the files, one a line whatever they are called', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    const file = { status: 'added', additions: 1, deletions: 0, binary: false };
    const data = [
      { path: 'a b', ...file },
      { path: 'two\nlines', ...file },
    ];
    server.handlers['listFiles'] = () => ({ body: { data, left: 2 } });
    const { stdout, stderr } = await call(['diff', task.id, '--name-only']);
    expect(stdout).toBe('a b\n"two\\nlines"\n');
    expect(stderr).toContain('2 more files');
  });

  it('--mbox gives what `git am` takes, as it was kept, or says when that is made', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    const mails = 'From 0 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\n\t\u001b[31m\n';
    server.handlers['readBlob'] = ({ params }) =>
      params['name'] === 'change.patch' ? { body: Buffer.from(mails) } : problem('blob_not_found');
    expect((await call(['diff', task.id, '--mbox'])).stdout).toBe(mails);
    expect((await call(['diff', task.id, '--mbox'], { isTTY: true })).stdout).not.toContain('\u001b[31m\n');
    expect((await call(['diff', task.id, '--mbox', '--stat'])).code).toBe(2);
    server.handlers['readBlob'] = () => problem('blob_not_found');
    const { code, stderr } = await call(['diff', task.id, '--mbox']);
    expect(code).toBe(5);
    expect(stderr).toMatch(/--deliver patch[^]*corch checkout/);
  });

  it('says why there is none', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    server.handlers['listFiles'] = () => problem('blob_not_found');
    const { code, stderr } = await call(['diff', task.id, '--name-only']);
    expect(code).toBe(5);
    expect(stderr).toContain('kept no change');
  });
});

describe('checkout', () => {
  let mine: string;
  /** Makes a checkout, and elsewhere a commit on top of it with its bundle, as a worker does. */
  function prepare(more: { pr?: null; branch?: string } = {}) {
    mine = join(folder, 'mine');
    git(folder, 'init', '-q', '-b', 'main', mine);
    writeFileSync(join(mine, 'a.txt'), 'a\n');
    git(mine, 'add', '-A');
    git(mine, 'commit', '-q', '-m', 'start');
    const base = git(mine, 'rev-parse', 'HEAD');
    const theirs = join(folder, 'theirs');
    git(folder, 'clone', '-q', mine, theirs);
    git(theirs, 'switch', '-q', '-c', 'change');
    writeFileSync(join(theirs, 'a.txt'), 'b\n');
    git(theirs, 'commit', '-q', '-a', '-m', 'change');
    git(theirs, 'bundle', 'create', '-q', '../bundle', 'change', `^${base}`);
    const bundle = readFileSync(join(folder, 'bundle'));
    server.handlers['readBlob'] = () => ({ body: bundle });
    return addDelivered({ commit: git(theirs, 'rev-parse', 'HEAD'), baseCommit: base, ...more });
  }

  it('makes the branch from the kept commit and switches to it', async () => {
    const { task, source } = prepare();
    expect(await call(['checkout', task.id], { cwd: mine })).toMatchObject({ code: 0 });
    expect(git(mine, 'rev-parse', 'HEAD')).toBe(source.commit);
    expect(git(mine, 'branch', '--show-current')).toBe('corch/fix');
    expect(readFileSync(join(mine, 'a.txt'), 'utf8')).toBe('b\n');
    expect(git(mine, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/corch/fix\nrefs/heads/main');
    expect(await call(['checkout', task.id], { cwd: mine })).toMatchObject({ code: 0 });
  });

  it('touches no files that are not committed, and says so', async () => {
    const { task, source } = prepare();
    writeFileSync(join(mine, 'a.txt'), 'mine\n');
    const refused = await call(['checkout', task.id], { cwd: mine });
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('not committed, so nothing was done');
    expect(git(mine, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(await call(['checkout', task.id, '--no-switch'], { cwd: mine })).toMatchObject({ code: 0 });
    expect(git(mine, 'rev-parse', 'corch/fix')).toBe(source.commit);
    expect(readFileSync(join(mine, 'a.txt'), 'utf8')).toBe('mine\n');
  });

  it('moves no branch that stands elsewhere, and takes another name', async () => {
    const { task } = prepare();
    git(mine, 'checkout', '-q', '-b', 'corch/fix');
    git(mine, 'commit', '-q', '--allow-empty', '-m', 'mine');
    const own = git(mine, 'rev-parse', 'HEAD');
    git(mine, 'checkout', '-q', 'main');
    const refused = await call(['checkout', task.id], { cwd: mine });
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('-b NAME');
    expect(git(mine, 'rev-parse', 'corch/fix')).toBe(own);
    expect(await call(['checkout', task.id, '-b', 'other'], { cwd: mine })).toMatchObject({ code: 0 });
    const option = await call(['checkout', task.id, '--branch=--force'], { cwd: mine });
    expect(option.code).toBe(2);
  });

  it.each([[[]], [['--no-switch']]])('moves a branch forward that an earlier run made (%j)', async (flags) => {
    const { task, source } = prepare();
    git(mine, 'branch', 'corch/fix', 'main');
    expect(await call(['checkout', task.id, ...flags], { cwd: mine })).toMatchObject({ code: 0 });
    expect(git(mine, 'rev-parse', 'corch/fix')).toBe(source.commit);
    git(mine, 'checkout', '-q', 'corch/fix');
    git(mine, 'reset', '-q', '--hard', 'main');
    expect(await call(['checkout', task.id, ...flags], { cwd: mine })).toMatchObject({ code: 0 });
    expect(git(mine, 'rev-parse', 'HEAD')).toBe(source.commit);
    expect(readFileSync(join(mine, 'a.txt'), 'utf8')).toBe('b\n');
  });

  it('says when this is another repository, or none', async () => {
    const { task } = prepare();
    const other = join(folder, 'other');
    git(folder, 'init', '-q', '-b', 'main', other);
    git(other, 'commit', '-q', '--allow-empty', '-m', 'one');
    const elsewhere = await call(['checkout', task.id], { cwd: other });
    expect(elsewhere).toMatchObject({ code: 6 });
    expect(elsewhere.stderr).toContain('which the change begins at');
    expect((await call(['checkout', task.id])).stderr).toContain('in no checkout');
  });

  it('says when a damaged bundle holds something else', async () => {
    const { task } = prepare();
    server.handlers['readBlob'] = () => ({ body: Buffer.from('# v2 git bundle\nnonsense') });
    const { code, stderr } = await call(['checkout', task.id], { cwd: mine });
    expect(code).toBe(1);
    expect(stderr).toContain('The kept commit could not be read');
    expect(git(mine, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });

  it('says when no commit was kept', async () => {
    const { task, source } = prepare();
    server.handlers['readRun'] = () => ({ body: { ...source, commit: null } });
    expect((await call(['checkout', task.id], { cwd: mine })).code).toBe(5);
  });
});

describe('pr', () => {
  it('shows what is there, and delivers nothing', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    expect(await call(['pr', task.id])).toMatchObject({
      code: 0,
      stdout: `7\t${pullRequest.url}\tcorch/fix\t${commit}\n`,
    });
    expect((await call(['pr', task.id], { isTTY: true })).stdout).toContain(`pull request #7 ${pullRequest.url}`);
    expect(server.received.some(({ route }) => route === 'deliverTask')).toBe(false);
  });

  it('opens one as it was asked for, and follows it', async () => {
    const { task } = addDelivered({ commit, baseCommit, pr: null });
    server.handlers['deliverTask'] = ({ body }) => {
      expect(body).toEqual({ mode: 'pr', draft: true, base: 'next', title: 'Mine' });
      const delivered = { branch: 'corch/fix', commit, pullRequest };
      server.setTask({ ...task, delivered });
      return { status: 202, body: { ...task, delivered } };
    };
    const { code, stdout } = await call(['pr', task.id, '--draft', '--base', 'next', '--title', 'Mine']);
    expect(code).toBe(0);
    expect(stdout).toContain('pull request #7');
  });

  it('--retry delivers as the task says', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    server.handlers['deliverTask'] = ({ body }) => {
      expect(body).toEqual({});
      return { status: 202, body: task };
    };
    expect(await call(['pr', task.id, '--retry'])).toMatchObject({ code: 0 });
  });

  it('words none that is there already', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    const { code, stderr } = await call(['pr', task.id, '--title', 'Other']);
    expect(code).toBe(6);
    expect(stderr).toContain(`Change them there: ${pullRequest.url}`);
  });

  it('says what else there is for a repository that is a folder', async () => {
    const { task } = addDelivered({ commit, baseCommit, pr: null });
    server.setTask({ ...task, repository: { path: '/srv/app' } });
    const { code, stderr } = await call(['pr', task.id]);
    expect(code).toBe(6);
    expect(stderr).toContain(`corch checkout ${task.id.slice(-6)}`);
    expect(server.received.some(({ route }) => route === 'deliverTask')).toBe(false);
  });

  it('says when there is nothing to deliver', async () => {
    const { task } = addDelivered({ commit, baseCommit, pr: null });
    server.handlers['deliverTask'] = () => problem('nothing_to_deliver');
    expect((await call(['pr', task.id])).code).toBe(6);
  });
});

describe('artifact', () => {
  const blob = (name: string) => ({ name, contentType: 'text/plain', size: 3, sha256: 'x', createdAt: at(1) });
  const names = ['patch.diff', 'artifact/report/a.txt', 'artifact/../../escaped', 'artifact//abs'];
  beforeEach(() => {
    server.handlers['listBlobs'] = () => ({ body: { data: names.map(blob) } });
    server.handlers['readBlob'] = () => ({ body: Buffer.from('abc') });
  });

  it('ls lists files that were kept, and nothing that would lead elsewhere', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    expect((await call(['artifact', 'ls', task.id])).stdout).toBe('3\treport/a.txt\n');
  });

  it('get writes them below a folder, replaces nothing, and gives one to a pipe', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    expect(await call(['artifact', 'get', task.id, '-o', 'out'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'out/report/a.txt'), 'utf8')).toBe('abc');
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
    const again = await call(['artifact', 'get', task.id, 'report/a.txt', '-o', 'out']);
    expect(again.code).toBe(6);
    expect(again.stderr).toContain('--force');
    expect((await call(['artifact', 'get', task.id, 'report/a.txt', '-o', '-'])).stdout).toBe('abc');
  });

  it('get says when there is no such file', async () => {
    const { task } = addDelivered({ commit, baseCommit });
    const { code, stderr } = await call(['artifact', 'get', task.id, '../../escaped']);
    expect(code).toBe(5);
    expect(stderr).toContain('artifact ls');
  });
});

describe('run --deliver', () => {
  const sent = () => server.received.find(({ route }) => route === 'submitTask')?.body;
  const on = ['-R', 'https://git.test/acme/app.git'];

  it('says where the change goes', async () => {
    expect(await call(['run', 'x', ...on, '--deliver', 'pr', '--draft', '--into', 'next'])).toMatchObject({ code: 0 });
    expect(sent()).toMatchObject({ delivery: { mode: 'pr', draft: true, base: 'next' } });
  });

  it.each([
    [['--draft'], 2, 'Add --deliver pr'],
    [['--deliver', 'branch', '--into', 'next'], 2, '--into is for pull requests'],
    [['--deliver', 'mail'], 2, 'Allowed choices are none, patch, branch, pr'],
  ])('refuses %j before anything is sent', async (flags, code, text) => {
    const refused = await call(['run', 'x', ...on, ...flags]);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(text);
    expect(sent()).toBeUndefined();
  });
});
