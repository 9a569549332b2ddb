// Runs that go on where an earlier holder stopped, with the real Claude Code on the scripted model.
import { checkpointName, type ClaimedRun } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { eventsOf, type PretendRun } from './testing/pretend-orchestrator.js';
import { processesOf, until } from './testing/processes.js';
import { commitAll, git, makeRepository, startStack, type Stack } from './testing/stack.js';
import { workspaceFolder } from './workspace.js';

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack.close());

const other = () => ({ WORKER_DIR: join(stack.base, 'other'), WORKER_NAME: 'other-worker' });
const notesOf = (run: PretendRun) => eventsOf(run, 'note').map(({ text }) => text);
const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });

interface Kept {
  version: number;
  sessionId: string;
  session: string | null;
  baseCommit: string | null;
  patch: string | null;
}

function checkpointOf(run: PretendRun): Kept | null {
  const bytes = run.blobs.get(checkpointName);
  return bytes === undefined ? null : (JSON.parse(gunzipSync(bytes).toString()) as Kept);
}

/** Changes the checkpoint of a run. */
function forge(run: PretendRun, change: Partial<Kept>): void {
  run.blobs.set(checkpointName, gzipSync(JSON.stringify({ ...checkpointOf(run), ...change })));
}

/** A task that leaves all kinds of changes, then gets stuck once; the next worker ends it. */
function submitHalf(files: Record<string, string> = {}, over: Partial<ClaimedRun> = {}): PretendRun {
  const first =
    'echo $ANTHROPIC_API_KEY; printf "a\\0b" > binary.dat; echo made > made.txt; git add -A; git commit -qm wip; ' +
    'echo more >> README.md; git rm -q --cached gone.txt; rm gone.txt';
  stack.model.setScripts({
    half: [
      { text: 'The first half.', tools: [bash(first)] },
      { text: 'Then', hang: 'stream', times: 1 },
      { text: 'The second half.', tools: [bash('git status --short > status.txt; cat made.txt README.md')] },
      { text: 'Both halves are done.' },
    ],
  });
  const path = makeRepository(join(stack.base, 'repositories', 'shop'), {
    'README.md': '# Shop\n',
    'gone.txt': 'x\n',
    ...files,
  });
  return stack.orchestrator.submit({ prompt: 'Go. [[scenario:half]]', repository: { path } }, over);
}

/** Works on the first half on a worker that then is lost. */
async function loseHalf(run: PretendRun): Promise<void> {
  const worker = await stack.startWorker();
  await stack.orchestrator.until(() => checkpointOf(run)?.session?.includes('"tool_result"') === true);
  await worker.stop();
}

describe('a run whose worker was lost', () => {
  it('goes on elsewhere in the same session, with the files as they were', async () => {
    const { orchestrator, model } = stack;
    const run = submitHalf();
    await loseHalf(run);
    expect(checkpointOf(run)?.session).not.toContain(stack.environment['ANTHROPIC_API_KEY']);
    expect(checkpointOf(run)?.session).toContain('••••');

    const next = orchestrator.again(run);
    await stack.startWorker(other());
    const { finish } = await orchestrator.finished(next);
    expect(finish.exit).toMatchObject({ outcome: 'succeeded', code: 0 });
    expect(finish.result?.text).toBe('Both halves are done.');
    expect(notesOf(next)).toEqual(['Goes on from the checkpoint of epoch 1, made on the worker test-worker.']);
    expect(eventsOf(next, 'prompt').map(({ text }) => text)).toEqual(['Continue where you were interrupted.']);
    expect(eventsOf(next, 'text').map(({ text }) => text)).toEqual(['The second half.', 'Both halves are done.']);
    expect(eventsOf(next, 'session')[0]?.sessionId).toBe(run.claimed.sessionId);
    expect(model.requests.filter(({ script }) => script === 'half').at(-1)).toMatchObject({
      sessionId: run.claimed.sessionId,
      step: 3,
    });
    // Committed or not, everything is there, against the commit that the first worker began at.
    expect(next.start?.baseCommit).toBe(run.start?.baseCommit);
    const folder = workspaceFolder(join(stack.base, 'other', 'workspaces'), run.claimed);
    expect(readFileSync(join(folder, 'binary.dat'))).toEqual(Buffer.from('a\0b'));
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('# Shop\nmore\n');
    expect(readFileSync(join(folder, 'status.txt'), 'utf8').split('\n').sort()).toEqual(
      ['', ' D gone.txt', ' M README.md', '?? binary.dat', '?? made.txt', '?? status.txt'].sort(),
    );
    expect(finish.stat?.files).toBe(5);
  });

  it('ends the lost run first when this worker still works on it', async () => {
    const { orchestrator } = stack;
    const run = submitHalf();
    await stack.startWorker();
    await orchestrator.until(() => checkpointOf(run)?.session?.includes('"tool_result"') === true);
    // The worker was away for so long that the run was lost, and hears of the next one before it hears of that.
    const { spec, sessionId } = run.claimed;
    const resume = { runId: run.claimed.runId, epoch: 1, hasCheckpoint: true };
    const next = orchestrator.submit({ ...spec }, { attempt: 2, sessionId, resume });
    const { finish } = await orchestrator.finished(next);
    expect(finish.result?.text).toBe('Both halves are done.');
    expect(run.finish).toBeUndefined();
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    expect(finish.stat?.files).toBe(5);
  });

  it('takes up its changes where the commit that they began at is gone', async () => {
    const run = submitHalf({ 'far.txt': 'far\n' });
    await loseHalf(run);
    const path = join(stack.base, 'repositories', 'shop');
    writeFileSync(join(path, 'far.txt'), 'farther\n');
    git(path, 'add', '--all');
    git(path, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-q', '--amend', '-m', 'other');
    git(path, 'reflog', 'expire', '--expire=now', '--all');
    git(path, 'gc', '-q', '--prune=now');

    const next = stack.orchestrator.again(run);
    await stack.startWorker(other());
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish.result?.text).toBe('Both halves are done.');
    expect(next.start?.baseCommit).toBe(git(path, 'rev-parse', 'HEAD'));
    const folder = workspaceFolder(join(stack.base, 'other', 'workspaces'), run.claimed);
    expect(readFileSync(join(folder, 'far.txt'), 'utf8')).toBe('farther\n');
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('# Shop\nmore\n');
    expect(finish.stat?.files).toBe(5);
  });

  it('starts from the beginning when its changes do not fit any more', async () => {
    const run = submitHalf();
    await loseHalf(run);
    const path = join(stack.base, 'repositories', 'shop');
    git(path, 'checkout', '-q', '--orphan', 'anew');
    writeFileSync(join(path, 'README.md'), '# Entirely different\n');
    commitAll(path, 'anew');
    git(path, 'branch', '-D', 'main');
    git(path, 'reflog', 'expire', '--expire=now', '--all');
    git(path, 'gc', '-q', '--prune=now');
    stack.model.setScripts({ half: [{ text: 'Done anew.' }] });
    const next = stack.orchestrator.again(run);
    await stack.startWorker(other());
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish.result?.text).toBe('Done anew.');
    expect(notesOf(next)[0]).toMatch(
      /^The checkpoint cannot be used: its changes to \w{12} do not apply to \w{12} \(.*\)\. The run starts from the beginning\.$/,
    );
    expect(finish.stat?.files).toBe(0);
  });

  it.each<[string, (run: PretendRun) => void, RegExp]>([
    ['damaged', (run) => run.blobs.set(checkpointName, Buffer.from('no gzip')), /it is damaged or too large/],
    ['of another version', (run) => forge(run, { version: 2 }), /it is damaged, or of another version/],
    ['of another session', (run) => forge(run, { sessionId: 'x' }), /it belongs to another session/],
    ['without a commit', (run) => forge(run, { baseCommit: null }), /another kind of workspace/],
    ['that leads outside', (run) => forge(run, { patch: outside }), /do not apply/],
    ['that reaches into .git', (run) => forge(run, { patch: intoGit }), /do not apply/],
    ['that is gone', (run) => run.blobs.delete(checkpointName), /it could not be read/],
  ])('starts from the beginning with a checkpoint %s, on whatever worker', async (_, spoil, says) => {
    const run = submitHalf();
    await loseHalf(run);
    spoil(run);
    stack.model.setScripts({ half: [{ tools: [bash('ls -A')] }, { text: 'Done anew.' }] });
    const resume = { runId: run.claimed.runId, epoch: 1, hasCheckpoint: true };
    // The worker that had it has dropped its files by now, but a session lies in its home.
    rmSync(join(stack.base, 'worker', 'runs'), { recursive: true });
    const next = stack.orchestrator.again(run, { resume });
    await stack.startWorker();
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(notesOf(next)[0]).toMatch(says);
    expect(notesOf(next)[1]).toMatch(/^Workspace ready/);
    expect(eventsOf(next, 'prompt')[0]?.text).toContain('[[scenario:half]]');
    expect(eventsOf(next, 'tool_result')[0]?.text).not.toContain('made.txt');
    expect(existsSync(join(stack.base, 'worker', 'workspaces', 'outside.txt'))).toBe(false);
  });

  it('starts from the beginning without a checkpoint, and a command always', async () => {
    const { orchestrator } = stack;
    const claude = orchestrator.submit(
      { prompt: '[[scenario:one-turn]]' },
      { resume: { runId: 'run_01k00000000000000000000000', epoch: 2, hasCheckpoint: false }, epoch: 3 },
    );
    const command = orchestrator.submit(
      { executor: 'command', command: ['echo', 'again'] },
      { resume: { runId: 'run_01k00000000000000000000001', epoch: 2, hasCheckpoint: false }, epoch: 3 },
    );
    await stack.startWorker();
    expect((await orchestrator.finished(claude)).finish.exit.outcome).toBe('succeeded');
    expect(notesOf(claude)[0]).toMatch(
      /^Another held this run, and nothing was kept of what it did, so it starts from/,
    );
    expect((await orchestrator.finished(command)).finish.exit.outcome).toBe('succeeded');
    expect(notesOf(command)[0]).toMatch(/^The command was interrupted and cannot be gone on with, so it starts from/);
    expect(command.blobs.has(checkpointName)).toBe(false);
  });
});

const fileAt = (path: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\nindex 0000000..587be6b\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
const outside = Buffer.from(fileAt('../outside.txt')).toString('base64');
const intoGit = Buffer.from(fileAt('.git/hooks/pre-commit')).toString('base64');

describe('a change that is too large for a checkpoint', () => {
  it('is told once, and the run goes on', async () => {
    const big = bash('head -c 52000000 /dev/urandom > big.bin');
    const wait = bash('echo waiting; until [ -e go ]; do sleep 0.1; done');
    stack.model.setScripts({ big: [{ tools: [big] }, { tools: [wait] }, { text: 'Done.' }] });
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:big]]' });
    await stack.startWorker();
    await stack.orchestrator.event(run, 'note', ({ level }) => level === 'warn');
    writeFileSync(join(workspaceFolder(join(stack.base, 'worker', 'workspaces'), run.claimed), 'go'), '');
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(notesOf(run).filter((text) => text.includes('larger than 50 MB'))).toHaveLength(1);
    expect(run.blobs.has(checkpointName)).toBe(false);
  });
});

describe('a folder without a repository', () => {
  it('is rebuilt from the checkpoint too', async () => {
    stack.model.setScripts({
      half: [
        { tools: [bash('printf "a\\0b" > binary.dat; mkdir -p deep; echo made > deep/made.txt')] },
        { text: 'Then', hang: 'stream', times: 1 },
        { text: 'Done.' },
      ],
    });
    const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:half]]' });
    await loseHalf(run);
    // A repository above the workspaces must not make git look the other way.
    makeRepository(join(stack.base, 'other'));
    const next = stack.orchestrator.again(run);
    await stack.startWorker(other());
    const { finish } = await stack.orchestrator.finished(next);
    expect(finish.result?.text).toBe('Done.');
    expect(finish.stat?.files).toBe(2);
    const folder = workspaceFolder(join(stack.base, 'other', 'workspaces'), run.claimed);
    expect(readFileSync(join(folder, 'binary.dat'))).toEqual(Buffer.from('a\0b'));
    expect(readFileSync(join(folder, 'deep', 'made.txt'), 'utf8')).toBe('made\n');
  });
});

describe('a run that hit a plan limit', () => {
  const token = { ANTHROPIC_API_KEY: undefined, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-token-for-tests' };

  it('is parked, rests over a restart, and goes on in its own files', async () => {
    const { orchestrator } = stack;
    const env = { ...token, WORKER_KEEP_WORKSPACES: '1' };
    const worker = await stack.startWorker(env);
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:limit-until]]' });
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('usage_limit');
    expect(Date.parse(finish.resetsAt ?? '')).toBeGreaterThan(Date.now() - 10_000);
    expect(checkpointOf(run)?.session).toContain('before.txt');

    const folder = join(stack.base, 'worker', 'runs', run.claimed.runId);
    await until(() => readFileSync(join(folder, 'state.json'), 'utf8').includes('"resting":true'));
    await until(() => !existsSync(join(folder, 'completion.json')) && !existsSync(join(folder, 'spool.ndjson')));
    await worker.stop();
    await stack.startWorker(env);
    expect(orchestrator.registrations.at(-1)?.held).toEqual([]);
    // Others come and go, and no room is made at its expense.
    for (let n = 0; n < 2; n++) await orchestrator.finished(orchestrator.submit({ prompt: '[[scenario:one-turn]]' }));

    // What it has is newer than any checkpoint.
    run.blobs.set(checkpointName, Buffer.from('not looked at'));
    const next = orchestrator.again(run);
    const done = await orchestrator.finished(next);
    expect(done.finish.exit.outcome).toBe('succeeded');
    expect(notesOf(next)).toEqual(['Goes on where epoch 1 stopped, in the files this worker kept.']);
    expect(eventsOf(next, 'text').map(({ text }) => text)).toEqual(['The second half.', 'Both halves are done.']);
    expect(done.finish.stat?.files).toBe(2);
    // It ends there, and rests for whoever says more to it.
    await until(() => readFileSync(join(folder, 'state.json'), 'utf8').includes('"ended":true'));
  });

  it('goes on when somebody signed in in another way meanwhile', async () => {
    const { orchestrator } = stack;
    const worker = await stack.startWorker(token);
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:limit-until]]' });
    await orchestrator.finished(run);
    const folder = join(stack.base, 'worker', 'runs', run.claimed.runId);
    await until(() => readFileSync(join(folder, 'state.json'), 'utf8').includes('"resting":true'));
    await worker.stop();
    // A stored login works in the home of the user, where the session is not.
    const [expiresAt, scopes] = [Date.now() + 3_600_000, ['user:inference']];
    const login = { accessToken: 'sk-ant-oat01-fake', refreshToken: 'sk-ant-ort01-fake', expiresAt, scopes };
    const config = join(stack.base, 'home', '.claude');
    mkdirSync(config);
    writeFileSync(join(config, '.credentials.json'), JSON.stringify({ claudeAiOauth: login }), { mode: 0o600 });
    const next = orchestrator.again(run);
    await stack.startWorker({ ANTHROPIC_API_KEY: undefined });
    const { kind, stamp } = orchestrator.registrations.at(-1)?.login ?? {};
    expect({ kind, stamp }).toEqual({ kind: 'stored', stamp: expect.stringMatching(/^\d{4}-/) });
    const { finish } = await orchestrator.finished(next);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(eventsOf(next, 'text').map(({ text }) => text)).toEqual(['The second half.', 'Both halves are done.']);
    expect(finish.stat?.files).toBe(2);
  });
});

describe('a run that its worker gives back', () => {
  it('goes on elsewhere from where it stood just then', async () => {
    const { orchestrator } = stack;
    const run = submitHalf();
    const worker = await stack.startWorker({ WORKER_DRAIN_GRACE_SECONDS: '0' });
    await orchestrator.event(run, 'tool_result');
    await worker.drain();
    expect(run.handedBack).toBeDefined();
    expect(checkpointOf(run)?.session).toContain('"tool_result"');
    const next = orchestrator.again(run);
    await stack.startWorker(other());
    const { finish } = await orchestrator.finished(next);
    expect(finish.result?.text).toBe('Both halves are done.');
    expect(notesOf(next)).toEqual(['Goes on from the checkpoint of epoch 1, made on the worker test-worker.']);
    expect(finish.stat?.files).toBe(5);
  });
});
