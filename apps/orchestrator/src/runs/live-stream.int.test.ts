import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { createClient, type FeedMessage } from '@corch/contract/client';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';

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

  it('refuses topics that there are not', async () => {
    await expect(open(['nothing'])).rejects.toMatchObject({ code: 'unknown_parameter' });
    const many = Array.from({ length: 21 }, () => 'run:run_01jd0000000000000000000000');
    await expect(open(many)).rejects.toMatchObject({ code: 'unknown_parameter' });
  });
});
