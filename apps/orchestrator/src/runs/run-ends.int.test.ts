import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkpointName, type ClaimedRun } from '@corch/contract';
import { describeOnEachStore } from '../testing/stores.js';
import { makeLines, makeWorker, type Domain } from '../testing/domain.js';

const leaseMs = 60_000;
const hourMs = 3_600_000;
const atOnce = { type: 'fixed', delayMs: 0, maxMs: 0 } as const;

describeOnEachStore('runs that rest', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open({ LIMIT_JITTER_MS: '0' });
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const submit = (asked: Parameters<Domain['submit']>[0] = {}) => domain.submit({ backoff: atOnce, ...asked });
  const read = (taskId: string) => domain.tasks.read(taskId);
  const claimOne = async (by = worker): Promise<ClaimedRun> => {
    const [run] = await domain.claim(by);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  const start = (run: ClaimedRun) =>
    domain.leases.reportStart(run.runId, { epoch: run.epoch, branch: null, baseCommit: null });
  const checkpoint = (run: ClaimedRun, text = 'state') =>
    domain.blobs.write(run.runId, run.epoch, checkpointName, Readable.from([Buffer.from(text)]));
  const resetsAt = () => new Date(domain.clock.now + hourMs).toISOString();
  const hitLimit = (run: ClaimedRun) =>
    domain.finish(run, { exit: { outcome: 'usage_limit', code: 1 }, resetsAt: resetsAt() });
  const events = async (runId: string) => (await domain.transcripts.page(runId, { after: 0, limit: 1000 })).data;

  describe('a plan limit', () => {
    it('parks the run until it resets, without an attempt, and goes on as the same run', async () => {
      const { id } = await submit({ retries: 0 });
      const run = await claimOne();
      await start(run);
      domain.pass(10_000);
      expect(await hitLimit(run)).toMatchObject({ status: 'waiting', reason: 'usage_limit', endedAt: null });
      expect(await read(id)).toMatchObject({ status: 'waiting', runCount: 1, currentRun: { exit: null } });
      expect((await read(id)).currentRun.readyAt).toBe(new Date(domain.clock.now + hourMs).toISOString());

      domain.pass(hourMs - 1);
      await domain.reaper.reap();
      expect((await read(id)).status).toBe('waiting');
      domain.pass(1);
      await domain.reaper.reap();
      await domain.leases.heartbeat(worker, { held: [] });
      expect(await read(id)).toMatchObject({ status: 'queued', reason: 'resuming' });
      const again = await claimOne();
      expect(again).toMatchObject({ runId: run.runId, sessionId: run.sessionId, epoch: 2, attempt: 1 });
      expect(again).toMatchObject({ spentMs: 10_000, resume: { runId: run.runId, epoch: 1, hasCheckpoint: false } });
      await domain.finish(again);
      expect(await read(id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    });

    it('gives the same answer to the same report, and refuses one of another epoch', async () => {
      await submit();
      const run = await claimOne();
      const report = { exit: { outcome: 'usage_limit' as const }, resetsAt: resetsAt(), completionId: randomUUID() };
      expect((await domain.finish(run, report)).status).toBe('waiting');
      expect((await domain.finish(run, report)).status).toBe('waiting');
      await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease' });
    });

    it('keeps other runs from the login, but not commands; then lets one try it, then the rest', async () => {
      const tasks = [await submit(), await submit(), await submit()];
      const command = await submit({ executor: 'command', prompt: undefined, command: ['true'] });
      await hitLimit(await claimOne());
      expect(await read(tasks[1]?.id ?? '')).toMatchObject({ status: 'queued', reason: 'usage_limit' });
      expect((await domain.claim(worker, 5)).map(({ taskId }) => taskId)).toEqual([command.id]);
      expect((await domain.workers.list())[0]?.loginHold).toMatchObject({ kind: 'usage_limit', until: resetsAt() });

      domain.pass(hourMs);
      await domain.reaper.reap();
      const probes = await domain.claim(worker, 5);
      expect(probes.map(({ taskId }) => taskId)).toEqual([tasks[0]?.id]);
      expect(await domain.claim(worker, 5)).toEqual([]);
      const [probe] = probes;
      if (probe === undefined) throw new Error('no probe');
      // The refusal itself is a text of Claude; only an answer counts.
      const lines = { epoch: probe.epoch, firstN: 1, events: makeLines(1, 1) };
      await domain.transcripts.append(probe.runId, lines);
      expect(await domain.claim(worker, 5)).toEqual([]);
      const answer = { at: '2030-01-01T00:00:00.000Z', type: 'tool_use', toolUseId: 't', name: 'Read', input: {} };
      await domain.transcripts.append(probe.runId, { epoch: probe.epoch, firstN: 2, events: [answer] });
      expect((await domain.claim(worker, 5)).map(({ taskId }) => taskId).sort()).toEqual(
        [tasks[1]?.id, tasks[2]?.id].sort(),
      );
      expect((await domain.workers.list())[0]?.loginHold).toBeNull();
    });

    it('is waited for anew when the one that tries hits it again, and tried again when that one is lost', async () => {
      await submit();
      await submit();
      await hitLimit(await claimOne());
      domain.pass(hourMs);
      await domain.reaper.reap();
      await hitLimit(await claimOne());
      expect(await domain.claim(worker, 5)).toEqual([]);
      domain.pass(hourMs);
      await domain.reaper.reap();
      const probe = await claimOne();
      expect(await domain.claim(worker, 5)).toEqual([]);
      await domain.ends.takeBack(probe.runId, { epoch: probe.epoch, text: 'The worker stops.' });
      expect(await domain.claim(worker, 5)).toHaveLength(1);
    });

    it('does not hold up another worker, and a cancel ends what waits', async () => {
      const first = await submit();
      await hitLimit(await claimOne());
      const second = await submit();
      const other = await domain.worker({ name: 'other' });
      expect((await claimOne(other)).taskId).toBe(second.id);
      expect(await domain.tasks.cancel(first.id, 'me')).toMatchObject({ status: 'cancelled', reason: 'user' });
    });
  });

  describe('a login that is refused', () => {
    it('fails one run, and the next ones wait until somebody resumes the worker and one of them works', async () => {
      const { id } = await submit();
      const other = await submit();
      await domain.finish(await claimOne(), { exit: { outcome: 'credentials_refused', message: 'Invalid key.' } });
      expect(await read(id)).toMatchObject({ status: 'queued', runCount: 2, reason: 'no_login' });
      expect((await read(id)).reasonText).toContain('Invalid key');
      expect(await read(other.id)).toMatchObject({ reason: 'no_login' });
      expect(await domain.claim(worker, 5)).toEqual([]);
      await domain.workers.setMode(worker, 'active');
      const probe = await claimOne();
      expect(await domain.claim(worker, 5)).toEqual([]);
      await domain.finish(probe);
      expect(await domain.claim(worker, 5)).toHaveLength(1);
    });

    it.each(['a new sign-in', 'a start'])('is tried by one run after %s', async (what) => {
      await submit();
      await submit();
      await domain.finish(await claimOne(), { exit: { outcome: 'billing' } });
      const login = { kind: 'api_key' as const, label: 'another' };
      if (what === 'a start') await domain.leases.register(worker, makeWorker());
      else await domain.leases.heartbeat(worker, { held: [], login });
      expect(await domain.claim(worker, 5)).toHaveLength(1);
      expect(await domain.claim(worker, 5)).toEqual([]);
    });

    it('ends the task when the next runs are refused, too', async () => {
      const { id } = await submit();
      for (let n = 1; n <= 4; n++) {
        await domain.workers.setMode(worker, 'active');
        await domain.finish(await claimOne(), { exit: { outcome: 'not_logged_in' } });
      }
      expect(await read(id)).toMatchObject({ status: 'failed', reason: 'auth', runCount: 4 });
    });
  });

  describe('a run that is handed back', () => {
    it('goes on as the same run elsewhere, from its checkpoint', async () => {
      const { id } = await submit();
      const run = await claimOne();
      await start(run);
      await checkpoint(run, 'where it stands');
      const handBack = { epoch: run.epoch, text: 'The worker stops.' };
      await domain.ends.takeBack(run.runId, handBack);
      await domain.ends.takeBack(run.runId, handBack);
      await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease' });
      expect(await read(id)).toMatchObject({ status: 'queued', reason: 'handed_back', runCount: 1 });

      const again = await claimOne(await domain.worker({ name: 'other' }));
      expect(again).toMatchObject({ runId: run.runId, epoch: 2, resume: { epoch: 1, hasCheckpoint: true } });
      const { body } = await domain.blobs.openCheckpoint(run.runId, 2);
      expect(await text(body)).toBe('where it stands');
      await expect(domain.blobs.openCheckpoint(run.runId, 1)).rejects.toMatchObject({ code: 'stale_lease' });
      // Nobody but a worker reads it, and it goes with the end of the run.
      expect(await domain.blobs.list(run.runId)).toEqual([]);
      await expect(domain.blobs.open(run.runId, checkpointName)).rejects.toMatchObject({ code: 'blob_not_found' });
      await domain.finish(again);
      await expect(domain.ends.takeBack(run.runId, handBack)).rejects.toMatchObject({ code: 'stale_lease' });
    });

    it('is cancelled instead when that was asked for', async () => {
      const { id } = await submit();
      const run = await claimOne();
      await domain.tasks.cancel(id, 'me');
      await domain.ends.takeBack(run.runId, { epoch: run.epoch, text: 'The worker stops.' });
      expect(await read(id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
    });
  });

  describe('a run that is taken away', () => {
    it('needs force while its worker answers, and fences the worker off', async () => {
      const { id } = await submit();
      const run = await claimOne();
      await start(run);
      await expect(domain.tasks.release(id, 'me', false)).rejects.toMatchObject({ code: 'worker_answers' });
      expect(await domain.tasks.release(id, 'me', true)).toMatchObject({ status: 'queued', reason: 'handed_back' });
      await expect(domain.tasks.release(id, 'me', true)).rejects.toMatchObject({ code: 'task_not_running' });
      const { runs } = await domain.leases.heartbeat(worker, { held: [{ runId: run.runId, epoch: 1 }] });
      expect(runs).toMatchObject([{ state: 'stale' }]);
      expect(await claimOne(await domain.worker({ name: 'other' }))).toMatchObject({ epoch: 3, attempt: 1 });
    });

    it('needs none when the worker is silent', async () => {
      const { id } = await submit();
      await claimOne();
      domain.pass(leaseMs);
      const released = await domain.tasks.release(id, 'me', false);
      // What the worker said last may never come.
      expect(released).toMatchObject({ status: 'queued', runCount: 1, currentRun: { logIncomplete: true } });
    });
  });

  describe('a run whose worker is lost', () => {
    const lose = async () => {
      for (let n = 0; n < 10; n++) {
        domain.pass(20_000);
        await domain.reaper.reap();
      }
    };

    it('is continued by the next one, in the same session, when it left a checkpoint', async () => {
      const { id } = await submit();
      const run = await claimOne();
      await start(run);
      await checkpoint(run, 'half done');
      await lose();
      expect(await read(id)).toMatchObject({ runCount: 2, currentRun: { continuesRunId: run.runId } });
      const next = await claimOne(await domain.worker({ name: 'other' }));
      expect(next).toMatchObject({ attempt: 2, sessionId: run.sessionId });
      expect(next.resume).toEqual({ runId: run.runId, epoch: 1, hasCheckpoint: true });
      expect(await text((await domain.blobs.openCheckpoint(next.runId, 1)).body)).toBe('half done');
      await domain.finish(next);
      await expect(domain.blobs.openCheckpoint(next.runId, 1)).rejects.toMatchObject({ code: 'stale_lease' });
    });

    it('starts from the beginning when it left none, and stops at the second loss', async () => {
      const { id } = await submit({ retries: 5 });
      const first = await claimOne();
      await start(first);
      await lose();
      const second = await claimOne(await domain.worker({ name: 'other' }));
      await start(second);
      expect(second).toMatchObject({ attempt: 2, resume: null });
      expect(second.sessionId).not.toBe(first.sessionId);
      await lose();
      expect(await read(id)).toMatchObject({ status: 'failed', reason: 'worker_lost', runCount: 2 });
    });
  });

  describe('a report that comes too late', () => {
    it('is told in the transcript, and moves nothing', async () => {
      const { id } = await submit();
      const run = await claimOne();
      await domain.tasks.release(id, 'me', true);
      await expect(domain.finish(run)).rejects.toMatchObject({ code: 'stale_lease' });
      const again = await claimOne();
      await domain.finish(again, { exit: { outcome: 'command_failed', message: 'Exit code 3.' } });
      await expect(domain.finish(again)).rejects.toMatchObject({
        code: 'run_finished',
        message: expect.stringContaining('Exit code 3.'),
      });
      const notes = (await events(run.runId)).filter(({ type }) => type === 'note');
      expect(notes).toHaveLength(2);
      expect(notes[0]).toMatchObject({ level: 'warn', text: expect.stringContaining('Done.') });
      expect((await events(run.runId)).map(({ seq }) => seq)).toEqual(
        (await events(run.runId)).map((_, index) => index + 1),
      );
      expect(await read(id)).toMatchObject({ status: 'failed', runCount: 1 });
    });
  });

  describe('a worker', () => {
    it('takes nothing while it is paused or draining, over its restarts, and tells why', async () => {
      const { id } = await submit();
      expect(await domain.workers.setMode(worker, 'draining', 60_000)).toMatchObject({ mode: 'draining' });
      expect(await domain.claim(worker)).toEqual([]);
      domain.pass(10_000);
      expect(await domain.leases.register(worker, makeWorker())).toMatchObject({ mode: 'draining', drainMs: 50_000 });
      expect(await read(id)).toMatchObject({ status: 'queued', reason: 'paused' });
      expect(await domain.tasks.explain(id)).toMatchObject({
        reason: 'paused',
        ahead: 0,
        workers: [{ name: 'worker-1', online: true, obstacle: 'is draining' }],
      });
      await domain.workers.setMode(worker, 'paused');
      expect((await domain.leases.heartbeat(worker, { held: [] })).mode).toBe('paused');
      expect(await domain.claim(worker)).toEqual([]);
      await domain.workers.setMode(worker, 'active');
      expect(await domain.claim(worker)).toHaveLength(1);
      await expect(domain.workers.setMode('worker_none', 'paused')).rejects.toMatchObject({ code: 'worker_not_found' });
    });

    it('takes nothing while it says that it is in trouble', async () => {
      const { id } = await submit();
      await domain.leases.heartbeat(worker, { held: [], trouble: 'Its disk is nearly full.' });
      expect(await domain.claim(worker)).toEqual([]);
      expect((await read(id)).reasonText).toContain('Its disk is nearly full.');
      await domain.leases.heartbeat(worker, { held: [], trouble: null });
      expect(await domain.claim(worker)).toHaveLength(1);
    });
  });

  it('a pass by hand says what was due, and mends a task that tells another status than its run', async () => {
    await submit({ startAt: new Date(domain.clock.now + 1000).toISOString() });
    const { id } = await submit();
    await domain.database.write((manager) => manager.query(`UPDATE tasks SET status = 'failed' WHERE id = '${id}'`));
    domain.pass(1000);
    expect(await domain.reaper.reconcileNow()).toEqual({ promoted: 1, reaped: 0, announced: 2, mended: [id] });
    expect((await read(id)).status).toBe('queued');
    expect(await domain.reaper.reconcileNow()).toMatchObject({ promoted: 0, mended: [] });
  });
});
