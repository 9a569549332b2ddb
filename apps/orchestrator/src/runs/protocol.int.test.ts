// The worker protocol and the streams as they cross the network: real sockets, the real client.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { version } from '@corch/contract';
import { createClient, type Client, type FeedMessage } from '@corch/contract/client';
import { Lifecycle } from '../common/lifecycle.js';
import { closeStreams } from '../common/sse.js';
import { RunQueue } from '../dispatch/run-queue.js';
import { makeLines, makeReport, makeWorker, openDomain, type Domain } from '../testing/domain.js';
import { WorkersRepository } from '../workers/workers.repository.js';
import { RunFeed } from './run-feed.js';

describe('over HTTP', () => {
  let domain: Domain;
  let baseUrl: string;
  let admin: Client;
  let reader: Client;
  let worker: Client;
  let workerId: string;
  let hungUp: AbortController;
  let streams: AsyncGenerator<FeedMessage>[];

  const as = (token: string) => createClient({ baseUrl, token });

  beforeEach(async () => {
    domain = await openDomain('sqlite');
    await domain.app.listen(0, '127.0.0.1');
    baseUrl = await domain.app.getUrl();
    admin = as(await domain.key('admin'));
    reader = as(await domain.key('read'));
    const { token } = await admin.createEnrolment();
    const enrolled = await as(token).enrolWorker({ body: { name: 'worker-1' } });
    workerId = enrolled.workerId;
    worker = as(enrolled.token);
    await worker.registerWorker({ body: makeWorker() });
    hungUp = new AbortController();
    streams = [];
  });
  afterEach(async () => {
    hungUp.abort();
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    // After a stream is aborted, Node's fetch opens a spare connection that says nothing, and which does not count as idle.
    domain.app.getHttpServer().closeAllConnections();
    await domain.close();
  });

  const claim = async (waitMs = 0) => {
    const { runs } = await worker.claimRuns({ body: { claimId: randomUUID(), free: 1, waitMs } });
    const [run] = runs;
    if (run === undefined) throw new Error('nothing was claimed');
    return { ...run, client: as(run.runToken) };
  };
  const follow = (client: Client, name: Parameters<Client['follow']>[0], options: object = {}) => {
    const stream = client.follow(name, { signal: hungUp.signal, reconnect: false, ...options });
    streams.push(stream);
    return stream;
  };

  it('carries a task from submit to result', async () => {
    const waiting = claim(20_000);
    const task = await admin.submitTask({ body: { prompt: 'Do it' }, idempotencyKey: 'once' });
    expect(await admin.submitTask({ body: { prompt: 'Do it' }, idempotencyKey: 'once' })).toEqual(task);
    const run = await waiting;
    const params = { runId: run.runId };
    expect(run.taskId).toBe(task.id);
    await run.client.reportStart({ params, body: { epoch: 1, branch: 'corch/x', baseCommit: null } });
    await run.client.appendEvents({ params, body: { epoch: 1, firstN: 1, events: makeLines(1, 2) } });
    const patch = 'diff --git a/x b/x\n';
    const blob = { ...params, name: 'patch.diff' };
    await run.client.writeBlob({ params: blob, query: { epoch: 1 }, body: new TextEncoder().encode(patch) });
    expect(await worker.heartbeat({ body: { held: [{ runId: run.runId, epoch: 1 }] } })).toEqual({
      ttlMs: 60_000,
      handOverMs: 120_000,
      mode: 'active',
      drainMs: null,
      runs: [{ runId: run.runId, epoch: 1, state: 'held', cancel: false, inboxN: 0 }],
    });
    await run.client.finishRun({ params, body: makeReport(1, { lastN: 2 }) });

    expect(await reader.readTask({ params: { taskId: task.id } })).toMatchObject({ status: 'succeeded' });
    expect((await reader.listTasks()).data).toHaveLength(1);
    expect((await reader.listTaskRuns({ params: { taskId: task.id } })).data).toMatchObject([{ id: run.runId }]);
    expect((await reader.listEvents({ params })).data).toHaveLength(5);
    expect(new TextDecoder().decode(await reader.readPatch({ params }))).toBe(patch);
    expect((await reader.listBlobs({ params })).data).toMatchObject([{ name: 'patch.diff', size: patch.length }]);
    expect((await reader.readStatistics()).tasks).toMatchObject({ succeeded: 1 });
  });

  it('serves a patch as one, never as a page', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    const { client, runId } = await claim();
    const url = `${baseUrl}/api/v1/runs/${task.currentRunId}/patch`;
    const headers = { authorization: `Bearer ${await domain.key('read')}` };
    expect((await fetch(url, { headers })).status).toBe(404);
    const params = { runId, name: 'patch.diff' };
    await client.writeBlob({ params, query: { epoch: 1 }, body: new TextEncoder().encode('diff') });
    const answer = await fetch(url, { headers });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/x-diff; charset=utf-8',
      'content-length': '4',
      'content-disposition': 'attachment; filename="patch.diff"',
    });
  });

  it('streams a transcript from any place to its end', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    const params = { runId: task.currentRunId };
    const stream = follow(reader, 'listEvents', { params });
    const read: FeedMessage[] = [];
    const next = async () => {
      const message = (await stream.next()).value as FeedMessage | undefined;
      if (message !== undefined) read.push(message);
      return message;
    };
    expect(await next()).toMatchObject({ id: '1', type: 'message', data: { type: 'status', status: 'queued' } });
    const { client } = await claim();
    expect(await next()).toMatchObject({ id: '2', data: { status: 'running' } });
    await client.appendEvents({ params, body: { epoch: 1, firstN: 1, events: makeLines(1, 700) } });
    for (let n = 1; n <= 700; n++) expect(await next()).toMatchObject({ id: String(n + 2), data: { text: String(n) } });
    await client.finishRun({ params, body: makeReport(1, { lastN: 700 }) });
    expect(await next()).toMatchObject({ id: '703', data: { status: 'succeeded' } });
    expect(await next()).toMatchObject({ type: 'end', data: { status: 'succeeded' } });

    const rest = [];
    for await (const message of follow(reader, 'listEvents', { params, lastEventId: '701' })) rest.push(message.id);
    expect(rest).toEqual(['702', '703', undefined]);
    const after = [];
    for await (const message of follow(reader, 'listEvents', { params, query: { after: '702' } }))
      after.push(message.id);
    expect(after).toEqual(['703', undefined]);
  });

  it('answers a stream of nothing with a problem', async () => {
    const missing = follow(reader, 'listEvents', { params: { runId: 'run_01k9xyzabcdefghjkm7k2m9qab' } });
    await expect(missing.next()).rejects.toMatchObject({ code: 'run_not_found' });
    const { currentRunId } = await admin.submitTask({ body: { prompt: 'x' } });
    const wrong = follow(reader, 'listEvents', { params: { runId: currentRunId }, lastEventId: 'soon' });
    await expect(wrong.next()).rejects.toMatchObject({ code: 'unknown_parameter' });
  });

  it('forgets readers that have gone', async () => {
    const { currentRunId } = await admin.submitTask({ body: { prompt: 'x' } });
    const feed = domain.app.get(RunFeed);
    const stream = follow(reader, 'listEvents', { params: { runId: currentRunId } });
    await stream.next();
    expect(feed.size).toBe(1);
    hungUp.abort();
    await stream.next();
    while (feed.size > 0) await new Promise(setImmediate);
  });

  it('pushes cancel to the worker, and again when its stream opens late', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    const run = await claim();
    const early = follow(worker, 'watchControl');
    const first = early.next();
    // The stream is open once the server holds it; what is asked before is told when it opens, so both ways end here.
    await admin.cancelTask({ params: { taskId: task.id } });
    const message = { type: 'cancel', data: { type: 'cancel', runId: run.runId, epoch: 1 } };
    expect((await first).value).toMatchObject(message);
    expect((await follow(worker, 'watchControl').next()).value).toMatchObject(message);
    const reply = await run.client.appendEvents({
      params: { runId: run.runId },
      body: { epoch: 1, firstN: 1, events: makeLines(1, 1) },
    });
    expect(reply).toMatchObject({ cancel: true, late: false });
  });

  it('tells a removed worker to stop, and knows it no more', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    await claim();
    await admin.cancelTask({ params: { taskId: task.id } });
    const control = follow(worker, 'watchControl');
    // The stream is known to be open when the cancel has come through it.
    await control.next();
    expect((await control.next()).value).toMatchObject({ type: 'mode', data: { mode: 'active', drainMs: null } });
    await admin.removeWorker({ params: { workerId } });
    expect((await control.next()).value).toMatchObject({ type: 'removed' });
    await expect(worker.heartbeat({ body: { held: [] } })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(admin.removeWorker({ params: { workerId } })).rejects.toMatchObject({ code: 'worker_not_found' });
  });

  it('hands over what a removed worker ran, and hears no more of it', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    const run = await claim();
    const params = { runId: run.runId };
    const lines = { params, body: { epoch: 1, firstN: 1, events: makeLines(1, 1) } };
    await run.client.appendEvents(lines);
    await admin.removeWorker({ params: { workerId } });
    expect(await admin.readTask({ params: { taskId: task.id } })).toMatchObject({
      status: 'queued',
      runCount: 1,
      currentRunId: run.runId,
      currentRun: { attempt: 1, logIncomplete: true },
    });
    await expect(run.client.appendEvents(lines)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(run.client.finishRun({ params, body: makeReport(1) })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const successor = await domain.worker({ name: 'successor' });
    expect(await domain.claim(successor)).toMatchObject([{ runId: run.runId, attempt: 1 }]);
    const { data } = await admin.listEvents({ params });
    expect(data.map((event) => event['text'])).toContainEqual(expect.stringMatching(/removed the worker worker-1/));
  });

  it('lets a run token move nothing once the run was taken away; late lines are kept', async () => {
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    const run = await claim();
    const params = { runId: run.runId };
    await admin.releaseTask({ params: { taskId: task.id }, body: { force: true } });
    const stale = { code: 'stale_lease' };
    const body = new TextEncoder().encode('x');
    const { client } = run;
    await expect(client.finishRun({ params, body: makeReport(1) })).rejects.toMatchObject(stale);
    const start = { epoch: 1, branch: null, baseCommit: null };
    await expect(client.reportStart({ params, body: start })).rejects.toMatchObject(stale);
    await expect(client.handBackRun({ params, body: { epoch: 1, text: 'x' } })).rejects.toMatchObject(stale);
    const blob = { params: { ...params, name: 'patch.diff' }, query: { epoch: 1 }, body };
    await expect(client.writeBlob(blob)).rejects.toMatchObject(stale);
    await expect(client.readCheckpoint({ params })).rejects.toMatchObject(stale);
    const lines = { params, body: { epoch: 1, firstN: 1, events: makeLines(1, 1) } };
    expect(await client.appendEvents(lines)).toMatchObject({ late: true, cancel: true });
  });

  it('refuses a worker that is too old, or too new, and says who has to be renewed', async () => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const near = { ...makeWorker(), version: `${major}.${minor + 1}.0` };
    expect(await worker.registerWorker({ body: near })).toMatchObject({ workerId });
    await expect(
      worker.registerWorker({ body: { ...near, version: `${major}.${minor + 2}.0` } }),
    ).rejects.toMatchObject({
      status: 426,
      code: 'orchestrator_outdated',
      hint: `Bring the orchestrator from version ${version} to ${major}.${minor + 2}.0.`,
    });
    await expect(worker.registerWorker({ body: { ...near, protocol: 0 } })).rejects.toMatchObject({
      status: 426,
      code: 'worker_outdated',
    });
    // What it said of itself when it was let in is what the list shows.
    expect((await reader.listWorkers()).data).toMatchObject([{ version: near.version, outdated: null }]);
  });

  it('shows no worker that was never let in', async () => {
    const { token } = await admin.createEnrolment();
    const stranger = as((await as(token).enrolWorker({ body: { name: 'stranger' } })).token);
    const refused = stranger.registerWorker({ body: { ...makeWorker(), version: '99.0.0' } });
    await expect(refused).rejects.toMatchObject({ code: 'orchestrator_outdated' });
    expect((await reader.listWorkers()).data.map(({ name }) => name)).toEqual(['worker-1']);
  });

  it('lets a worker of another time finish what it holds, and gives it nothing new', async () => {
    await admin.submitTask({ body: { prompt: 'x' } });
    const run = await claim();
    const second = await admin.submitTask({ body: { prompt: 'y' } });
    const rows = domain.app.get(WorkersRepository);
    await domain.database.write((manager) => rows.update(manager, workerId, { version: '99.0.0' }));
    const { runs } = await worker.claimRuns({ body: { claimId: randomUUID(), free: 1, waitMs: 0 } });
    expect(runs).toEqual([]);
    const [listed] = (await reader.listWorkers()).data;
    expect(listed?.outdated).toMatch(/^The worker is version 99.0.0 .* Bring the orchestrator from version/);
    const why = await reader.readTask({ params: { taskId: second.id } });
    expect(why.reasonText).toContain('at most one minor version apart');
    const { runId } = run;
    const beat = await worker.heartbeat({ body: { held: [{ runId, epoch: 1 }] } });
    expect(beat.runs).toMatchObject([{ state: 'held' }]);
    await run.client.finishRun({ params: { runId }, body: makeReport(1) });
    expect(await reader.readRun({ params: { runId } })).toMatchObject({ status: 'succeeded' });
  });

  it('shows how much room the disk of a worker has', async () => {
    expect((await reader.listWorkers()).data).toMatchObject([{ disk: null }]);
    const disk = { freeBytes: 5_000_000_000_000, totalBytes: 9_000_000_000_000 };
    await worker.heartbeat({ body: { held: [], disk } });
    expect((await reader.listWorkers()).data).toMatchObject([{ disk }]);
    await worker.heartbeat({ body: { held: [] } });
    expect((await reader.listWorkers()).data).toMatchObject([{ disk }]);
    await worker.registerWorker({ body: { ...makeWorker(), disk: { ...disk, freeBytes: 1 } } });
    expect((await reader.listWorkers()).data).toMatchObject([{ disk: { freeBytes: 1 } }]);
  });

  it('tells watchers what changed', async () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    let opened = () => {};
    const isOpen = new Promise<void>((resolve) => (opened = resolve));
    const watching = (async () => {
      const options = {
        signal: controller.signal,
        reconnect: false,
        onState: (state: string) => state === 'live' && opened(),
      };
      for await (const { type, data } of reader.follow('watchChanges', options)) {
        seen.push({ type, data });
        if (seen.some((one) => JSON.stringify(one).includes('"pool"'))) return;
      }
    })();
    await isOpen;
    const task = await admin.submitTask({ body: { prompt: 'x' } });
    await watching;
    controller.abort();
    expect(seen).toContainEqual({ type: 'changed', data: { topic: 'task', id: task.id } });
    expect(seen).toContainEqual({ type: 'changed', data: { topic: 'pool', id: 'default' } });
  });

  it('keeps a token to its run and its epoch', async () => {
    await admin.submitTask({ body: { prompt: 'x' } });
    const other = await admin.submitTask({ body: { prompt: 'y' } });
    const { client, runId } = await claim();
    const body = { epoch: 1, firstN: 1, events: makeLines(1, 1) };
    await expect(client.appendEvents({ params: { runId: other.currentRunId }, body })).rejects.toMatchObject({
      status: 403,
    });
    await expect(client.appendEvents({ params: { runId }, body: { ...body, epoch: 2 } })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/epoch' }],
    });
  });

  it('refuses what is too old, too large or used up', async () => {
    await expect(worker.registerWorker({ body: makeWorker({ protocol: 0 }) })).rejects.toMatchObject({ status: 426 });
    const { token } = await admin.createEnrolment();
    await as(token).enrolWorker({ body: { name: 'a' } });
    await expect(as(token).enrolWorker({ body: { name: 'b' } })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(admin.editPool({ params: { name: 'nowhere' }, body: { paused: true } })).rejects.toMatchObject({
      code: 'pool_not_found',
    });
  });

  it('stops while claims and streams are open', async () => {
    const { currentRunId } = await admin.submitTask({ body: { prompt: 'x' } });
    const stream = follow(reader, 'listEvents', { params: { runId: currentRunId } });
    await stream.next();
    await claim();
    const parked = worker.claimRuns({ body: { claimId: randomUUID(), free: 1, waitMs: 60_000 }, timeoutMs: 50_000 });
    const queue = domain.app.get(RunQueue);
    while ((await queue.counts()).waiting === 0) await new Promise(setImmediate);
    domain.app.get(Lifecycle).state = 'stopping';
    closeStreams(domain.app.getHttpServer());
    await domain.close();
    expect(await parked).toEqual({ runs: [] });
    // What was sent before it stopped is still read; then the stream ends.
    while ((await stream.next()).done !== true);
    domain = await openDomain('sqlite');
  });
});
