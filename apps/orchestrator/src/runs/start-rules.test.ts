import { describe, expect, it } from '@jest/globals';
import type { RepositorySource } from '@corch/contract';
import type { BranchRun } from './runs.repository.js';
import { startOf } from './start-rules.js';

const [base, first, second] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const repository = { url: 'https://git.test/acme/app.git' };
const ref = 'corch/abc123-a-task';
const asked = { ref, repository, repositoryName: null };
const run = (part: Partial<BranchRun> = {}): BranchRun => ({
  ...{ id: 'run_1', taskId: 'task_1', status: 'succeeded', baseCommit: base, changeCommit: first },
  ...{ repository, repositoryName: null, delivered: null, startsFrom: null },
  ...part,
});
const delivered = { branch: ref, commit: first, pullRequest: null };
const change = (part: object = {}) => ({
  kind: 'change',
  startsFrom: { taskId: 'task_1', runId: 'run_1', commit: first, baseCommit: base, ...part },
});
const start = (...runs: BranchRun[]) => startOf(asked, runs, 'here');

describe('a ref that is the branch of a task', () => {
  it('is the change that was made there last, also by a run that failed', () => {
    expect(start(run())).toEqual(change());
    expect(start(run({ status: 'failed' }))).toEqual(change());
    expect(start(run({ id: 'run_2', changeCommit: second }), run())).toEqual(
      change({ runId: 'run_2', commit: second }),
    );
    expect(start(run({ id: 'run_2', status: 'failed', changeCommit: null }), run())).toEqual(change());
  });

  it('begins where the other task began, when that started from a change, too', () => {
    const startsFrom = { taskId: 'task_0', runId: 'run_0', commit: base, baseCommit: second };
    expect(start(run({ startsFrom }))).toEqual(change({ baseCommit: second }));
    expect(start(run({ startsFrom: { ...startsFrom, commit: second } }))).toEqual(change());
  });

  it('is no start while the task goes on, or when it has changed nothing', () => {
    const running = run({ id: 'run_2', status: 'running', changeCommit: null });
    expect(start(running, run())).toEqual({ kind: 'unfinished', taskId: 'task_1', status: 'running' });
    const unchanged = run({ changeCommit: null });
    expect(start(unchanged)).toEqual({ kind: 'unchanged', taskId: 'task_1', status: 'succeeded' });
    // A success that changed nothing comes after what was changed before.
    expect(start(run({ id: 'run_2', changeCommit: null }), run())).toMatchObject({ kind: 'unchanged' });
    expect(start(unchanged, run({ taskId: 'task_2' }))).toMatchObject({ kind: 'unchanged' });
  });

  it('is what the remote has, once the change was delivered there', () => {
    const remote = { kind: 'remote' };
    expect(start(run({ delivered }))).toEqual(remote);
    expect(start(run({ delivered, status: 'running', changeCommit: null }), run({ delivered }))).toEqual(remote);
    expect(start(run({ delivered, changeCommit: null }))).toEqual(remote);
    expect(start(run({ delivered, id: 'run_2', changeCommit: second }), run({ delivered }))).toEqual(
      change({ runId: 'run_2', commit: second }),
    );
    expect(start(run({ delivered: { ...delivered, branch: 'topic' } }))).toEqual(change());
  });
});

describe('a branch of another repository', () => {
  it.each<[string, RepositorySource, string | null, Partial<BranchRun>, boolean]>([
    ['is another one', { url: 'https://git.test/acme/api' }, null, {}, false],
    ['is the same under another spelling', { url: 'https://GIT.test/acme/app' }, null, {}, true],
    ['is the same under its name', { url: 'ssh://git.test/acme/app' }, 'app', { repositoryName: 'app' }, true],
    ['is not that of a task without one', repository, null, { repository: null }, false],
    ['is not a path', { path: '/code/app' }, null, {}, false],
    ['is not an address', repository, null, { repository: { path: '/code/app' } }, false],
    ['is the same path here', { path: '/code/app/' }, null, { repository: { path: '/code/app', host: 'here' } }, true],
    ['is that path elsewhere', { path: '/code/app' }, null, { repository: { path: '/code/app', host: 'far' } }, false],
  ])('%s', (_, source, repositoryName, part, isSame) => {
    const start = startOf({ ref, repository: source, repositoryName }, [run(part)], 'here');
    expect(start.kind).toBe(isSame ? 'change' : 'remote');
  });
});
