import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { anyId, RunEvents } from '@corch/contract';
import { createClient, type FeedMessage } from '@corch/contract/client';
import { Changes } from '../changes/changes.js';
import { maxBufferedBytes } from '../common/sse.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { waitFor } from '../testing/wait-for.js';

describeOnEachEngine('one stream for everything', (kind) => {
  let domain: Domain;
  let stop: AbortController;
  beforeEach(async () => {
    domain = await openDomain(kind);
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await domain.close();
  });

  /** Opens a stream; the returned function gives its next message. */
  const open = async (topics: readonly string[]) => {
    const server = domain.app.getHttpServer();
    if (!server.listening) await domain.app.listen(0, '127.0.0.1');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createClient({ baseUrl, token: await domain.key('read') });
    let resolve = () => {};
    const live = new Promise<void>((done) => (resolve = done));
    const onState = (state: string) => void (state === 'live' && resolve());
    const feed = client.follow('watchChanges', { signal: stop.signal, query: { topics }, onState, reconnect: false });
    const first = feed.next();
    first.catch(() => undefined);
    await Promise.race([live, first]);
    const pending = [first];
    return async (): Promise<FeedMessage> => {
      const next = await (pending.shift() ?? feed.next());
      if (next.done === true) throw new Error('the stream ended');
      return next.value;
    };
  };

  it('tells of topics and carries the events of runs, from where the reader is', async () => {
    const worker = await domain.worker();
    const { id, currentRunId } = await domain.submit();
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing was claimed');
    const before = await domain.transcripts.page(currentRunId, { after: 0, limit: 100 });

    const next = await open(['key', `run:${currentRunId}@${before.lastSeq - 1}`]);
    expect(await next()).toMatchObject({
      type: 'run',
      data: { runId: currentRunId, data: [{ seq: before.lastSeq }], lastSeq: before.lastSeq },
    });
    // The task changes, too, and nobody asked about tasks.
    await domain.tasks.edit(id, { priority: 3 }, 'tester');
    expect(await next()).toMatchObject({ type: 'run', data: { data: [{ type: 'action' }] } });
    await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN: 1, events: makeLines(1, 3) });
    expect(await next()).toMatchObject({ type: 'run', data: { data: [{ text: '1' }, { text: '2' }, { text: '3' }] } });
    await domain.finish(run, { lastN: 3 });
    let last = await next();
    while (last.type === 'run') last = await next();
    expect(last).toMatchObject({ type: 'run-end', data: { runId: currentRunId, status: 'succeeded' } });
  });

  it('says when there is no such run and goes on with the rest', async () => {
    const missing = 'run_01jd0000000000000000000000';
    const next = await open(['task', `run:${missing}`]);
    expect(await next()).toMatchObject({ type: 'run-end', data: { runId: missing, status: null } });
    const { id } = await domain.submit();
    expect(await next()).toMatchObject({ type: 'changed', data: { topic: 'task', id } });
  });

  it('lets a reader that is slow get to the end of a long run while much changes', async () => {
    const worker = await domain.worker();
    const { currentRunId } = await domain.submit();
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing was claimed');
    // More than the network between the two takes, and what waits in the server.
    const events = makeLines(1, 40).map((line) => ({ ...line, text: 'x'.repeat(60_000) }));
    for (let firstN = 1; firstN <= 400; firstN += 40)
      await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN, events });
    await domain.finish(run, { lastN: 400 });
    const server = domain.app.getHttpServer();
    await domain.app.listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));

    const { port } = server.address() as AddressInfo;
    const path = `/api/v1/stream?topics=task,run:${currentRunId}`;
    const asked = get({ port, path, headers: bearer(await domain.key('read')), signal: stop.signal });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.setEncoding('utf8');
    await waitFor('the server to wait, too', () => sockets.some((socket) => socket.writableLength > maxBufferedBytes));
    for (let n = 0; n < 100; n++) domain.app.get(Changes).changed('task', `task_${n}`);

    const chunks: string[] = [];
    for await (const chunk of answer) {
      chunks.push(chunk as string);
      if (chunks.slice(-2).join('').includes('event: run-end')) break;
    }
    const text = chunks.join('');
    const dataOf = (event: string) =>
      [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].flatMap(([, is, data = '']) => (is === event ? [data] : []));
    const parts = dataOf('run').map((part) => RunEvents.parse(JSON.parse(part)));
    const { lastSeq } = await domain.runs.find(currentRunId);
    expect(parts.flatMap(({ data }) => data.map(({ seq }) => seq))).toEqual(
      Array.from({ length: lastSeq }, (_, n) => n + 1),
    );
    expect(parts.map((part) => part.lastSeq)).toEqual(parts.map(({ data }) => data.at(-1)?.seq));
    expect(Math.max(...dataOf('run').map(({ length }) => length))).toBeLessThan(400_000);
    // One notice for the many that it was too slow for.
    expect(dataOf('changed').map((data) => JSON.parse(data) as unknown)).toContainEqual({ topic: 'task', id: anyId });
    expect(dataOf('changed').length).toBeLessThan(50);
  });

  it('refuses topics that there are not', async () => {
    await expect(open(['nothing'])).rejects.toMatchObject({ code: 'unknown_parameter' });
    const many = Array.from({ length: 21 }, () => 'run:run_01jd0000000000000000000000');
    await expect(open(many)).rejects.toMatchObject({ code: 'unknown_parameter' });
  });
});
