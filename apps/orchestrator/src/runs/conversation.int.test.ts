import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkpointName, ForkTask, SendMessage, type ClaimedRun, type ControlMessage } from '@corch/contract';
import { noSlot } from '../common/idempotency.js';
import { makeWorker, type Domain } from '../testing/domain.js';
import { describeOnEachStore } from '../testing/stores.js';
import { ControlFeed } from '../workers/control-feed.js';
import { TaskTalksService } from '../tasks/task-talks.service.js';
import { headStartMs } from './conversation.service.js';
import { RunInbox } from './run-inbox.service.js';

describeOnEachStore('a conversation', (store) => {
  let domain: Domain;
  let worker: string;
  let taskId: string;
  beforeEach(async () => {
    domain = await store.open({ INPUT_WAIT_MS: '60000', INFRA_RETRIES: '1' });
    worker = await domain.worker();
    ({ id: taskId } = await domain.submit({ backoff: { type: 'fixed', delayMs: 0, maxMs: 0 } }));
  });
  afterEach(() => domain.close());

  const talks = () => domain.app.get(TaskTalksService);
  const send = (text: string, more: object = {}) =>
    talks().send(taskId, SendMessage.parse({ text, ...more }), 'ann', noSlot);
  const claimOne = async (by = worker): Promise<ClaimedRun> => {
    const [run] = await domain.claim(by);
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  };
  const work = async (run: ClaimedRun) => {
    await domain.leases.reportStart(run.runId, { epoch: run.epoch, branch: 'corch/x', baseCommit: null });
    await domain.blobs.write(run.runId, run.epoch, checkpointName, Readable.from([Buffer.from(run.runId)]));
    return run;
  };
  const inboxOf = async ({ runId, epoch }: ClaimedRun) => (await domain.app.get(RunInbox).read(runId, epoch, 0)).items;
  const task = () => domain.tasks.read(taskId);

  describe('with a run that works', () => {
    it('reaches its worker, and the transcript', async () => {
      const run = await work(await claimOne());
      const pushed: ControlMessage[] = [];
      domain.app.get(ControlFeed).subscribe(worker, (message) => pushed.push(message));
      const sent = await send('Hello', { interrupt: true });
      expect(sent).toMatchObject({ runId: run.runId, opened: false, task: { status: 'running' } });
      expect(pushed).toMatchObject([
        { type: 'inbox', n: 1 },
        { type: 'inbox', n: 2 },
      ]);
      expect(await inboxOf(run)).toMatchObject([{ kind: 'interrupt' }, { kind: 'message', text: 'Hello', by: 'ann' }]);
      await domain.finish(run, { inboxN: 2 });
      expect(await task()).toMatchObject({ status: 'succeeded', runCount: 1 });
    });

    it('is followed by another run when it ended over the message', async () => {
      const run = await work(await claimOne());
      await send('First');
      const { messageId } = await send('Second');
      await domain.finish(run, { inboxN: 1 });
      expect(await task()).toMatchObject({ status: 'queued', runCount: 2, currentRun: { trigger: 'message' } });
      const next = await work(await claimOne());
      expect(next).toMatchObject({ sessionId: run.sessionId, branch: 'corch/x', trigger: 'message', inboxN: 1 });
      expect(next.resume).toEqual({ runId: run.runId, epoch: 1, hasCheckpoint: true });
      expect(await inboxOf(next)).toMatchObject([{ id: messageId, text: 'Second' }]);
      await domain.finish(next, { inboxN: 1 });
      expect(await task()).toMatchObject({ status: 'succeeded', runCount: 2 });
    });

    it('is not followed by runs for ever when a message cannot be told', async () => {
      const run = await work(await claimOne());
      await send('Hello');
      const failure = { exit: { outcome: 'api_refused' as const, code: 1 } };
      await domain.finish(run, failure);
      await domain.finish(await claimOne(), failure);
      expect(await task()).toMatchObject({ status: 'failed', runCount: 2 });
      // It goes along with what is said next.
      await send('Once more');
      expect(await inboxOf(await claimOne())).toMatchObject([{ text: 'Hello' }, { text: 'Once more' }]);
    });

    it('keeps all that was said when the worker was lost', async () => {
      const run = await work(await claimOne());
      const { messageId } = await send('Hello');
      for (let n = 0; n < 10; n++) {
        domain.pass(20_000);
        await domain.reaper.reap();
      }
      expect(await task()).toMatchObject({ runCount: 2 });
      const other = await domain.worker({ name: 'other' });
      domain.pass(5000);
      const next = await claimOne(other);
      expect(next).toMatchObject({ sessionId: run.sessionId });
      expect(await inboxOf(next)).toMatchObject([{ id: messageId }]);
    });

    it('takes back by a cancel what was not told', async () => {
      const run = await work(await claimOne());
      await send('Hello');
      domain.pass(1);
      await domain.tasks.cancel(taskId, 'ann');
      await domain.finish(run, { exit: { outcome: 'cancelled' } });
      expect(await task()).toMatchObject({ status: 'cancelled', runCount: 1 });
    });
  });

  describe('interrupted', () => {
    const interrupted = { exit: { outcome: 'interrupted' as const }, inboxN: 1 };

    it('waits without a slot and goes on as the same run', async () => {
      const run = await work(await claimOne());
      await talks().interrupt(taskId, 'ann');
      await domain.finish(run, interrupted);
      expect(await task()).toMatchObject({ status: 'waiting', reason: 'input', runCount: 1 });
      await expect(talks().interrupt(taskId, 'ann')).rejects.toMatchObject({ code: 'task_not_running' });
      await send('Go on');
      expect(await task()).toMatchObject({ status: 'queued', runCount: 1 });
      const again = await claimOne();
      expect(again).toMatchObject({ runId: run.runId, epoch: 2, inboxN: 2 });
    });

    it('goes on at once with what was said while it was parked', async () => {
      const run = await work(await claimOne());
      await talks().interrupt(taskId, 'ann');
      await send('Go on');
      await domain.finish(run, interrupted);
      expect(await task()).toMatchObject({ status: 'queued', runCount: 1 });
    });

    it('ends when nobody says how to go on, and can be talked to even then', async () => {
      const run = await work(await claimOne());
      await talks().interrupt(taskId, 'ann');
      await domain.finish(run, interrupted);
      domain.pass(60_000);
      await domain.reaper.reap();
      expect(await task()).toMatchObject({ status: 'cancelled', reason: 'no_input' });
      expect(await send('Now')).toMatchObject({ opened: true, task: { status: 'queued', runCount: 2 } });
    });
  });

  describe('with a task that has ended', () => {
    const end = async () => {
      const run = await work(await claimOne());
      await domain.finish(run);
      return run;
    };

    it('opens one run for all that is said before it starts', async () => {
      const run = await end();
      expect(await send('One')).toMatchObject({ opened: true });
      expect(await send('Two')).toMatchObject({ opened: false });
      const next = await claimOne();
      expect(next).toMatchObject({ attempt: 2, sessionId: run.sessionId, inboxN: 2 });
      expect((await task()).currentRun.continuesRunId).toBe(run.runId);
    });

    it('says the same thing once under one key', async () => {
      await end();
      let kept: string | null = null;
      const slot = { resourceId: null, commit: (_: unknown, id: string) => Promise.resolve(void (kept = id)) };
      const body = SendMessage.parse({ text: 'One' });
      const first = await talks().send(taskId, body, 'ann', slot);
      const again = await talks().send(taskId, body, 'ann', { ...noSlot, resourceId: kept });
      expect(again).toEqual(first);
      expect(await inboxOf(await claimOne())).toHaveLength(1);
    });

    it('lets the worker that has the files go first, for a moment', async () => {
      await end();
      const other = await domain.worker({ name: 'other' });
      await send('More');
      expect(await domain.claim(other)).toEqual([]);
      domain.pass(headStartMs);
      expect(await domain.claim(other)).toHaveLength(1);
    });

    it('goes on by a retry, and begins anew by another', async () => {
      const run = await end();
      await domain.tasks.retry(taskId, noSlot, 'continue');
      const next = await work(await claimOne());
      expect(next).toMatchObject({ sessionId: run.sessionId, trigger: 'retry', resume: { runId: run.runId } });
      await domain.finish(next);
      await domain.tasks.retry(taskId, noSlot);
      const fresh = await claimOne();
      expect(fresh).toMatchObject({ attempt: 3, resume: null });
      expect(fresh.sessionId).not.toBe(run.sessionId);
    });

    it('goes on again after a failure that is nobody’s fault', async () => {
      const run = await end();
      const { messageId } = await send('More');
      const next = await work(await claimOne());
      await domain.finish(next, { exit: { outcome: 'api_unavailable', code: 1 }, inboxN: 1 });
      domain.pass(1);
      const third = await claimOne();
      expect(third).toMatchObject({ attempt: 3, sessionId: run.sessionId, resume: { runId: next.runId } });
      expect(await inboxOf(third)).toMatchObject([{ id: messageId }]);
    });

    it('has a fork that leaves it alone', async () => {
      const run = await end();
      const fork = await talks().fork(taskId, ForkTask.parse({ prompt: 'Another way' }), 'ann', noSlot);
      expect(fork).toMatchObject({ title: 'Another way', runCount: 1, currentRun: { trigger: 'fork' } });
      const claimed = await claimOne();
      expect(claimed.resume).toMatchObject({ runId: run.runId, hasCheckpoint: true, isFork: true });
      expect(claimed.sessionId).not.toBe(run.sessionId);
      expect(await inboxOf(claimed)).toMatchObject([{ text: 'Another way' }]);
      expect(await task()).toMatchObject({ status: 'succeeded', runCount: 1 });
    });

    describe('and a fork of it', () => {
      let run: ClaimedRun;
      const fork = (prompt?: string) => talks().fork(taskId, ForkTask.parse({ prompt }), 'ann', noSlot);
      const branchesOff = (claimed: ClaimedRun) => {
        expect(claimed.resume).toEqual({ runId: run.runId, epoch: 1, hasCheckpoint: true, isFork: true });
        expect(claimed.sessionId).not.toBe(run.sessionId);
        // That of the other task, which has no repository.
        expect(claimed.branch).not.toBe('corch/x');
      };
      beforeEach(async () => {
        run = await end();
      });

      it('begins anew where it branched off, with what was asked of it', async () => {
        const { id } = await fork('Another way');
        const first = await work(await claimOne());
        await domain.finish(first, { inboxN: 1 });
        await domain.tasks.retry(id, noSlot);
        const again = await claimOne();
        branchesOff(again);
        expect(again).toMatchObject({ attempt: 2, trigger: 'fork' });
        expect(again.sessionId).not.toBe(first.sessionId);
        expect(await inboxOf(again)).toMatchObject([{ text: 'Another way' }]);
      });

      it.each(['message', 'retry'] as const)('that nobody worked on goes on there, too, by a %s', async (trigger) => {
        const { id } = await fork('Another way');
        await domain.tasks.cancel(id, 'ann');
        if (trigger === 'retry') await domain.tasks.retry(id, noSlot, 'continue');
        else await talks().send(id, SendMessage.parse({ text: 'Do it' }), 'ann', noSlot);
        const next = await claimOne();
        branchesOff(next);
        expect((await inboxOf(next)).map((item) => 'text' in item && item.text)).toEqual(
          trigger === 'retry' ? ['Another way'] : ['Another way', 'Do it'],
        );
      });

      it('without words of its own stays one when its worker fails', async () => {
        const { id } = await fork();
        await domain.finish(await claimOne(), { exit: { outcome: 'api_unavailable', code: 1 } });
        domain.pass(1);
        const next = await claimOne();
        branchesOff(next);
        // As often as it may fail, and when a person retries it.
        await domain.finish(next, { exit: { outcome: 'api_unavailable', code: 1 } });
        await domain.tasks.retry(id, noSlot);
        const again = await claimOne();
        branchesOff(again);
        expect(await inboxOf(again)).toEqual([]);
      });
    });

    it('has nothing to fork or to go on from when no checkpoint is left', async () => {
      await end();
      await domain.blobs.pruneCheckpoints(0);
      await expect(talks().fork(taskId, {}, 'ann', noSlot)).rejects.toMatchObject({ code: 'nothing_kept' });
      await send('More');
      expect((await claimOne()).resume).toMatchObject({ hasCheckpoint: false });
    });
  });

  it('is none with a command', async () => {
    await domain.finish(await claimOne());
    await domain.leases.register(worker, makeWorker());
    ({ id: taskId } = await domain.submit({ executor: 'command', command: ['true'], prompt: undefined }));
    await expect(send('Hello')).rejects.toMatchObject({ code: 'no_conversation' });
  });
});
