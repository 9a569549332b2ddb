import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ApprovalDecision, ClaimedRun, ControlMessage, ReportApproval } from '@corch/contract';
import { createHash } from 'node:crypto';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { RunInbox } from '../runs/run-inbox.service.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { ControlFeed } from '../workers/control-feed.js';
import { ApprovalReports } from './approval-reports.service.js';
import { ApprovalsService } from './approvals.service.js';
import { RulesService } from './rules.service.js';

const allow = (more: Partial<ApprovalDecision & { action: 'allow' }> = {}): ApprovalDecision => ({
  action: 'allow',
  scope: 'once',
  ...more,
});
const deny = (message?: string): ApprovalDecision => ({
  action: 'deny',
  interrupt: false,
  ...(message && { message }),
});

describeOnEachEngine('approvals', (kind) => {
  let domain: Domain;
  let worker: string;
  let run: ClaimedRun;
  let reports: ApprovalReports;
  let approvals: ApprovalsService;
  let requests = 0;
  const url = 'https://git.example/team/api.git';

  beforeEach(async () => {
    domain = await openDomain(kind);
    reports = domain.app.get(ApprovalReports);
    approvals = domain.app.get(ApprovalsService);
    worker = await domain.worker();
    await domain.submit({ permissionPolicy: 'ask', repository: { url } });
    run = await claim();
  });
  afterEach(() => domain.close());

  async function claim(): Promise<ClaimedRun> {
    const [claimed] = await domain.claim(worker);
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  }
  const asks = (command: string, more: Partial<ReportApproval> = {}): ReportApproval => ({
    epoch: run.epoch,
    requestId: `request-${(requests += 1)}`,
    toolUseId: `toolu_${requests}`,
    toolName: 'Bash',
    input: { command },
    inputCut: false,
    inputHash: createHash('sha256').update(command).digest('hex'),
    ...{ plan: null, description: null, reason: null, cwd: '/work', blockedPath: null, suggestions: [] },
    ...more,
  });
  const report = (command: string, more: Partial<ReportApproval> = {}) =>
    reports.report(run.runId, asks(command, more));
  const task = () => domain.tasks.read(run.taskId);
  const inbox = () => domain.app.get(RunInbox).read(run.runId, run.epoch, 0);
  const said = async () =>
    (await domain.transcripts.page(run.runId, { after: 0, limit: 100 })).data.filter(({ type }) => type === 'approval');
  const handBack = () => domain.ends.takeBack(run.runId, { epoch: run.epoch, text: 'Nobody decided for 10 minutes.' });

  it('are asked, shown and decided, and reach the worker through the inbox', async () => {
    const pushed: ControlMessage[] = [];
    domain.app.get(ControlFeed).subscribe(worker, (message) => pushed.push(message));
    const { id, ...reply } = await report('npm test');
    expect(reply).toEqual({ status: 'open', decision: null, waitMs: 600_000 });
    expect(await task()).toMatchObject({ status: 'running', reason: 'approval' });
    expect((await domain.tasks.statistics()).approvalsOpen).toBe(1);

    const decided = await approvals.decide(id, allow(), 'ann');
    expect(decided).toMatchObject({
      status: 'allowed',
      decidedBy: 'ann',
      decidedVia: 'person',
      input: { command: 'npm test' },
    });
    expect((await inbox()).items).toMatchObject([{ kind: 'answer', approvalId: id, decision: allow(), by: 'ann' }]);
    expect(pushed).toMatchObject([{ type: 'inbox', n: 1 }]);
    expect((await task()).reason).not.toBe('approval');
    expect(await said()).toMatchObject([
      { approvalId: id, status: 'open', by: null, text: 'Claude wants to run `npm test`.' },
      { approvalId: id, status: 'allowed', by: 'ann', text: 'ann allowed it.' },
    ]);
  });

  it('are decided once: the second is told who was first', async () => {
    const { id } = await report('npm test');
    const results = await Promise.allSettled([
      approvals.decide(id, allow(), 'ann'),
      approvals.decide(id, deny('no'), 'bob'),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { decidedBy, decision } = await approvals.read(id);
    const loser = decidedBy === 'ann' ? { by: 'bob', what: deny('no') } : { by: 'ann', what: allow() };
    const words = decision?.action === 'allow' ? 'ann allowed it at' : 'bob denied it: no at';
    await expect(approvals.decide(id, loser.what, loser.by)).rejects.toMatchObject({
      code: 'approval_decided',
      detail: expect.stringContaining(words),
    });
    // An answer that was lost on the way is no second decision.
    if (decision !== null && decidedBy !== null) await approvals.decide(id, decision, decidedBy);
    expect((await inbox()).items).toHaveLength(1);
  });

  it('are one however often the worker reports them', async () => {
    const asked = asks('npm test');
    const [first, second] = await Promise.all([reports.report(run.runId, asked), reports.report(run.runId, asked)]);
    expect(second.id).toBe(first.id);
    expect((await approvals.list({ sort: 'createdAt', limit: 10 })).data).toHaveLength(1);
  });

  it('stay the same when a child that was started anew asks again, and what was decided meanwhile counts', async () => {
    const first = await report('npm test');
    expect((await report('npm test')).id).toBe(first.id);
    await approvals.decide(first.id, deny('not now'), 'ann');
    expect(await report('npm test')).toMatchObject({ id: first.id, status: 'denied', decision: deny('not now') });
    await reports.close(run.runId, first.id, run.epoch);
    const later = await report('npm test');
    expect(later).toMatchObject({ status: 'open' });
    expect(later.id).not.toBe(first.id);
  });

  it('let the run rest without slot and lease, and go on when the last one is decided', async () => {
    const first = await report('npm test');
    const second = await report('npm run lint');
    await handBack();
    await handBack();
    expect(await task()).toMatchObject({ status: 'waiting', reason: 'approval' });
    expect(await domain.claim(worker)).toEqual([]);
    domain.pass(5 * 3_600_000);
    await approvals.decide(first.id, allow(), 'ann');
    expect(await task()).toMatchObject({ status: 'waiting', reason: 'approval' });
    await approvals.decide(second.id, allow(), 'ann');
    expect(await task()).toMatchObject({ status: 'queued' });
    const before = run;
    run = await claim();
    expect(before.isAsking).toBe(false);
    expect(run).toMatchObject({
      isAsking: true,
      runId: before.runId,
      epoch: before.epoch + 1,
      sessionId: before.sessionId,
    });
    expect(await report('npm test')).toMatchObject({ id: first.id, status: 'allowed' });
  });

  it('that were decided while the worker gave the run back let it go on at once', async () => {
    const { id } = await report('npm test');
    await approvals.decide(id, allow(), 'ann');
    await handBack();
    expect(await task()).toMatchObject({ status: 'queued' });
    run = await claim();
    expect(await report('npm test')).toMatchObject({ id, status: 'allowed' });
  });

  it('use up no time of the run while they wait', async () => {
    domain.pass(10_000);
    const { id } = await report('npm test');
    domain.pass(20_000);
    await domain.leases.heartbeat(worker, { held: [run] });
    domain.pass(20_000);
    await domain.leases.heartbeat(worker, { held: [run] });
    await approvals.decide(id, allow(), 'ann');
    domain.pass(5000);
    await domain.ends.takeBack(run.runId, { epoch: run.epoch, text: 'The worker stops.' });
    expect((await claim()).spentMs).toBe(15_000);
  });

  it('expire with the run, whatever ended it', async () => {
    const { id } = await report('npm test');
    await handBack();
    await domain.tasks.cancel(run.taskId, 'ann');
    expect(await task()).toMatchObject({ status: 'cancelled' });
    expect(await approvals.read(id)).toMatchObject({ status: 'expired', decision: null });
    await expect(approvals.decide(id, allow(), 'ann')).rejects.toMatchObject({ code: 'approval_decided' });
    expect((await domain.tasks.statistics()).approvalsOpen).toBe(0);
  });

  it('are closed when Claude does not wait any more', async () => {
    const { id } = await report('npm test');
    await reports.close(run.runId, id, run.epoch);
    await reports.close(run.runId, id, run.epoch);
    expect(await approvals.read(id)).toMatchObject({ status: 'expired' });
    expect((await task()).reason).not.toBe('approval');
  });

  it('expire when Claude has gone on and asks for something else', async () => {
    const { id } = await report('npm test');
    const other = await report('npm run lint');
    domain.pass(60_000);
    await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: run.epoch }] });
    const withdraw = (waiting: string[]) => reports.withdraw(run.runId, { epoch: run.epoch, waiting });
    await withdraw([other.id]);
    expect(await approvals.read(id)).toMatchObject({ status: 'expired', decision: null });
    expect(await approvals.read(other.id)).toMatchObject({ status: 'open' });
    expect(await task()).toMatchObject({ status: 'running', reason: 'approval' });
    await expect(approvals.decide(id, allow(), 'ann')).rejects.toMatchObject({ code: 'approval_decided' });
    await withdraw([]);
    await withdraw([]);
    expect(await task()).toMatchObject({ status: 'running', reason: 'starting' });
    expect((await said()).map((event) => event.type === 'approval' && event.status)).toEqual([
      ...['open', 'open', 'expired', 'expired'],
    ]);
    // The same again is asked anew.
    expect((await report('npm test')).id).not.toBe(id);
    await expect(reports.withdraw(run.runId, { epoch: 99, waiting: [] })).rejects.toMatchObject({
      code: 'stale_lease',
    });
  });

  it('are for the holder of the run alone', async () => {
    await expect(report('npm test', { epoch: run.epoch + 1 })).rejects.toMatchObject({ code: 'stale_lease' });
    const { id } = await report('npm test');
    await handBack();
    await expect(reports.close(run.runId, id, run.epoch)).rejects.toMatchObject({ code: 'stale_lease' });
  });

  it('are allowed for the run: what is alike is not asked again', async () => {
    const like = (ruleContent: string) => ({
      suggestions: [{ type: 'addRules', behavior: 'allow', rules: [{ toolName: 'Bash', ruleContent }] }],
    });
    const { id } = await report('npm test', like('npm test *'));
    expect((await approvals.read(id)).grant).toBe('every later Bash call like `npm test *`');
    await approvals.decide(id, allow({ scope: 'run' }), 'ann');
    expect(await report('npm test -- a', like('npm test *'))).toMatchObject({ status: 'allowed' });
    expect(await report('npm publish', like('npm publish *'))).toMatchObject({ status: 'open' });
    expect(await report('x', { ...like('npm test *'), toolName: 'Other' })).toMatchObject({ status: 'open' });
    const [newest] = (await approvals.list({ sort: '-createdAt', limit: 10, status: ['allowed'] })).data;
    expect(newest).toMatchObject({ decidedVia: 'run', decidedBy: 'ann' });
  });

  it('refuse decisions that do not fit', async () => {
    const input = { questions: [{ question: 'Which?', options: [{ label: 'red' }] }] };
    const { id } = await report('', { toolName: 'AskUserQuestion', input });
    await expect(approvals.decide(id, allow(), 'ann')).rejects.toMatchObject({ code: 'validation_failed' });
    const answered = await approvals.decide(id, { action: 'answer', answers: { 'Which?': 'red' } }, 'ann');
    expect(answered).toMatchObject({ kind: 'question', status: 'answered' });
  });

  it('are listed by pages that stay stable, of a task and of a repository', async () => {
    await domain.app.get(RepositoriesService).add(
      {
        name: 'api',
        url: `${url}/`,
        defaultBranch: null,
        trusted: false,
        apiUrl: null,
        branchTemplate: null,
        defaults: {},
      },
      'ann',
    );
    const ids: string[] = [];
    for (const command of ['a', 'b', 'c']) ids.push((await report(command)).id);
    const first = await approvals.list({ sort: 'createdAt', limit: 2, status: ['open'], task: run.taskId });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const cursor = first.nextCursor ?? '';
    const second = await approvals.list({ sort: 'createdAt', limit: 2, status: ['open'], repository: 'api', cursor });
    expect(second).toMatchObject({ data: [{ id: ids[2], repository: 'api' }], hasMore: false, nextCursor: null });
    const wrong = approvals.list({ sort: '-createdAt', limit: 2, cursor });
    await expect(wrong).rejects.toMatchObject({ code: 'unknown_parameter' });
    await expect(approvals.list({ sort: 'createdAt', limit: 2, repository: 'x' })).rejects.toMatchObject({
      code: 'repository_not_found',
    });
  });

  it('are deleted with their task', async () => {
    const { id } = await report('npm test');
    await domain.finish(run);
    await domain.tasks.delete(run.taskId);
    await expect(approvals.read(id)).rejects.toMatchObject({ code: 'approval_not_found' });
  });

  it('are decided by the rules of the repository, and a preview says which ones', async () => {
    const rules = domain.app.get(RulesService);
    const repositories = domain.app.get(RepositoriesService);
    await repositories.add(
      { name: 'api', url, defaultBranch: null, trusted: false, apiUrl: null, branchTemplate: null, defaults: {} },
      'ann',
    );
    const asked = await report('npm test');
    const later = await report('make');
    const allowNpm = { tool: 'Bash', match: 'npm *', decision: 'allow', message: null } as const;
    expect(await rules.preview('api', allowNpm)).toMatchObject({ looked: 2, fits: 1, data: [{ id: asked.id }] });
    const second = await rules.add('api', allowNpm, 'ann');
    const first = await rules.add(
      'api',
      { tool: 'Bash', match: 'npm publish*', decision: 'deny', message: 'Never.', position: 1 },
      'ann',
    );
    expect((await rules.list('api')).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await approvals.read(later.id)).status).toBe('open');
    expect(await report('npm run lint')).toMatchObject({ status: 'allowed' });
    expect(await report('npm publish')).toMatchObject({ status: 'denied', decision: { message: 'Never.' } });
    const [newest] = (await approvals.list({ sort: '-createdAt', limit: 1 })).data;
    expect(newest).toMatchObject({ decidedVia: 'rule', decidedBy: 'the rule deny Bash npm publish*' });
    await rules.edit('api', first.id, { match: 'npm login*', position: 2 }, 'ann');
    expect((await rules.list('api')).map(({ match }) => match)).toEqual(['npm *', 'npm login*']);
    await rules.remove('api', second.id, 'ann');
    expect(await report('npm ci')).toMatchObject({ status: 'open' });
    await expect(rules.remove('api', second.id, 'ann')).rejects.toMatchObject({ code: 'rule_not_found' });
  });
});
