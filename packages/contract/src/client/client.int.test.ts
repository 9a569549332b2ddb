import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { routes, type Route } from '../routes.js';
import { ApiError, createClient, UnreachableError, type Client, type FeedMessage } from './client.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const servers: Server[] = [];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const runId = `run_${'0'.repeat(26)}`;
const collect = async (feed: AsyncIterable<FeedMessage>) => {
  const messages: FeedMessage[] = [];
  for await (const message of feed) messages.push(message);
  return messages;
};

describe('the client', () => {
  it('sends the token and parameters, and parses the answer', async () => {
    const seen: string[] = [];
    const baseUrl = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.setHeader('content-type', 'application/json').end('{"data":[]}');
    });
    const client = createClient({ baseUrl, token: 'corch_x' });
    expect(await client.listBlobs({ params: { runId } })).toEqual({ data: [] });
    expect(seen).toEqual([`GET /api/v1/runs/${runId}/blobs Bearer corch_x`]);
  });

  it('says which trace a request belongs to, when it belongs to one', async () => {
    const seen: unknown[] = [];
    const baseUrl = await serve((request, response) => {
      seen.push(request.headers.traceparent);
      response.setHeader('content-type', 'application/json').end('{"data":[]}');
    });
    const traceparent = (route: Route) => (route === routes.listBlobs ? '00-a-b-01' : undefined);
    const client = createClient({ baseUrl, traceparent });
    await client.listBlobs({ params: { runId } });
    await client.listTaskRuns({ params: { taskId: `task_${'0'.repeat(26)}` } });
    expect(seen).toEqual(['00-a-b-01', undefined]);
  });

  it('names the type of a body, and none where there is no body', async () => {
    const types: (string | undefined)[] = [];
    const baseUrl = await serve((request, response) => {
      types.push(request.headers['content-type']);
      request.resume().on('end', () => response.writeHead(204).end());
    });
    const client = createClient({ baseUrl });
    const sent = [
      client.createSignInLink(),
      client.writeBlob({ params: { runId, name: 'x' }, query: { epoch: 1 }, body: new Uint8Array([1]) }),
      client.reportStart({ params: { runId }, body: { epoch: 1, branch: null, baseCommit: null } }),
    ];
    await Promise.allSettled(sent);
    expect(types.sort()).toEqual(['application/json', 'application/octet-stream', undefined]);
  });

  it('turns a problem into an ApiError with its code, fields and pause', async () => {
    const baseUrl = await serve((_, response) => {
      const problem = {
        type: 't',
        title: 'T',
        status: 429,
        detail: 'slow down',
        code: 'rate_limited',
        requestId: 'req_1',
        retryable: true,
        hint: 'wait',
      };
      response
        .writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '3' })
        .end(JSON.stringify(problem));
    });
    const error = await createClient({ baseUrl })
      .listWorkers()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: 'rate_limited',
      requestId: 'req_1',
      retryAfterSeconds: 3,
      message: 'slow down',
    });
  });

  it('calls a dead port and a foreign server unreachable', async () => {
    const foreign = await serve((_, response) => response.writeHead(500).end('<h1>oops</h1>'));
    await expect(createClient({ baseUrl: foreign }).listWorkers()).rejects.toThrow(UnreachableError);
    await expect(createClient({ baseUrl: 'http://127.0.0.1:1' }).listWorkers()).rejects.toThrow(UnreachableError);
  });

  describe('what a sign-in page of the network answers with 200', () => {
    const page = { 'content-type': 'text/html' };
    const portal = () =>
      serve((request, response) => {
        request.resume().on('end', () => response.writeHead(200, page).end('<h1>Welcome</h1>'));
      });
    const params = { runId };

    it.each<[string, (client: Client) => Promise<unknown>]>([
      ['where a schema is expected', (client) => client.listWorkers()],
      ['where nothing is expected', (client) => client.handBackRun({ params, body: { epoch: 1, text: 'Bye.' } })],
      ['where bytes are expected', (client) => client.readCheckpoint({ params })],
    ])('is no answer %s', async (_, call) => {
      await expect(call(createClient({ baseUrl: await portal() }))).rejects.toThrow(UnreachableError);
    });

    it('is no stream', async () => {
      const feed = createClient({ baseUrl: await portal() }).follow('watchControl', {
        signal: AbortSignal.timeout(20_000),
        reconnect: false,
      });
      await expect(collect(feed)).rejects.toThrow(UnreachableError);
    });
  });

  it('asks again when an answer does not fit', async () => {
    let asked = 0;
    const baseUrl = await serve((_, response) => {
      response.setHeader('content-type', 'application/json').end(++asked === 1 ? '{"ok":true}' : '{"data":[]}');
    });
    const retry = { attempts: 2, delayMs: 0, maxDelayMs: 0 };
    expect(await createClient({ baseUrl }).listBlobs({ params: { runId }, retry })).toEqual({ data: [] });
    const once = createClient({ baseUrl: await serve((_, response) => response.end('{"ok":true}')) }).listWorkers();
    await expect(once).rejects.toMatchObject({ name: 'UnreachableError', kind: 'answer' });
  });

  it('goes on after the last id when a stream drops, without a gap or a repeat', async () => {
    const asked: (string | undefined)[] = [];
    const baseUrl = await serve((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const first = Number(request.headers['last-event-id'] ?? 0) + 1;
      response.write(`id: ${first}\ndata: {"seq":${first}}\n\n`);
      if (asked.length < 3) response.socket?.end();
      else response.end('event: end\ndata: {"status":"succeeded"}\n\n');
    });
    const messages = await collect(
      createClient({ baseUrl }).follow('listEvents', { params: { runId }, signal: AbortSignal.timeout(20_000) }),
    );
    expect(messages.map((message) => message.id ?? message.type)).toEqual(['1', '2', '3', 'end']);
    expect(asked).toEqual([undefined, '1', '2']);
  });

  it('connects again when a stream says nothing', async () => {
    let connections = 0;
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      if (++connections > 1) response.end('event: end\ndata: {}\n\n');
    });
    const feed = createClient({ baseUrl }).follow('watchChanges', {
      signal: AbortSignal.timeout(20_000),
      silenceMs: 50,
    });
    expect((await collect(feed)).map((message) => message.type)).toEqual(['end']);
    expect(connections).toBe(2);
  });

  it('does not hide a refusal behind reconnects', async () => {
    const problem = {
      type: 't',
      title: 'T',
      status: 404,
      detail: 'gone',
      code: 'run_not_found',
      requestId: 'r',
      retryable: false,
      hint: 'h',
    };
    const baseUrl = await serve((_, response) => response.writeHead(404).end(JSON.stringify(problem)));
    const feed = createClient({ baseUrl }).follow('listEvents', {
      params: { runId },
      signal: AbortSignal.timeout(20_000),
    });
    await expect(collect(feed)).rejects.toThrow('gone');
  });
});
