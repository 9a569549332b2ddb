import { afterEach, describe, expect, it } from '@jest/globals';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { type ScriptedModel, type ScriptedModelOptions, startScriptedModel } from './server.js';

let model: ScriptedModel | undefined;
afterEach(() => model?.close());

async function start(options?: ScriptedModelOptions): Promise<ScriptedModel> {
  return (model = await startScriptedModel(options));
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  /** The connection ended before the answer did. */
  cut: boolean;
}

/** Sends one request; resolves when the answer is complete or cut. */
function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(`${model?.url}${path}`, { method, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => (text += part));
      res.on('error', () => undefined); // a cut answer; `close` follows
      res.on('close', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text, cut: !res.complete }),
      );
    });
    req.on('error', reject);
    req.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const tools = [{ name: 'Bash' }];
const ask = (text: string, more: object = {}): object => ({
  model: 'claude-x',
  tools,
  messages: [{ role: 'user', content: text }],
  ...more,
});

describe('the scripted Messages API', () => {
  it('answers a prompt as one message or as a stream', async () => {
    await start({ scripts: { hi: [{ text: 'Hello there, whoever you are.', headers: { 'x-more': 'yes' } }] } });
    const whole = await send('POST', '/v1/messages', ask('[[scenario:hi]]'));
    expect(JSON.parse(whole.body)).toMatchObject({
      role: 'assistant',
      model: 'claude-x',
      content: [{ type: 'text', text: 'Hello there, whoever you are.' }],
      stop_reason: 'end_turn',
    });
    expect(whole.headers).toMatchObject({ 'x-more': 'yes', 'request-id': expect.stringMatching(/^req_/) });

    const stream = await send('POST', '/v1/messages?beta=true', ask('[[scenario:hi]]', { stream: true }));
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream).toMatchObject({ status: 200, cut: false });
    expect(stream.body).toMatch(/^event: message_start\n/);
    expect(stream.body).toMatch(/event: message_stop\ndata: .*\n\n$/);
  });

  it('answers a plain prompt with the shipped default, also when other scripts are given', async () => {
    await start({ scripts: { other: [{ text: 'x' }] } });
    const { body } = await send('POST', '/v1/messages', ask('hello'));
    expect(JSON.parse(body)).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'text' }, { name: 'Bash' }] });
  });

  it('answers errors in the shape of the API, counted for each session', async () => {
    const error = { status: 529, headers: { 'retry-after': '1' } };
    await start({ scripts: { busy: [{ error }, { text: 'ok' }] } });
    const session = { 'x-claude-code-session-id': 's1', 'x-api-key': 'sk-secret' };
    const first = await send('POST', '/v1/messages', ask('[[scenario:busy]]'), session);
    expect(first.status).toBe(529);
    expect(first.headers['retry-after']).toBe('1');
    expect(JSON.parse(first.body)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
    });
    expect((await send('POST', '/v1/messages', ask('[[scenario:busy]]'), session)).status).toBe(200);
    expect((await send('POST', '/v1/messages', ask('[[scenario:busy]]'))).status).toBe(529);
  });

  it('cuts the connection where the script says', async () => {
    await start({ scripts: { cut: [{ text: 'never complete', dropAfter: 3 }] } });
    const answer = await send('POST', '/v1/messages', ask('[[scenario:cut]]', { stream: true }));
    expect(answer).toMatchObject({ status: 200, cut: true });
    expect(answer.body.match(/^event: /gm)).toHaveLength(3);
  });

  it('answers what belongs to no conversation', async () => {
    await start();
    const title = await send(
      'POST',
      '/v1/messages',
      ask('x [[scenario:slow]]', { tools: [], output_config: { format: {} } }),
    );
    expect(JSON.parse((JSON.parse(title.body) as { content: [{ text: string }] }).content[0].text)).toHaveProperty(
      'title',
    );
    expect(JSON.parse((await send('POST', '/v1/messages/count_tokens', ask('x'))).body)).toHaveProperty('input_tokens');
    expect(JSON.parse((await send('GET', '/v1/models')).body)).toMatchObject({ data: [] });
    expect((await send('HEAD', '/')).status).toBe(200);
  });

  it('refuses other paths and bodies with a reason', async () => {
    await start();
    const missing = await send('GET', '/v1/files');
    expect(missing.status).toBe(404);
    expect(missing.body).toContain('"type":"not_found_error"');
    for (const body of ['{', '[]', ask('x', { messages: [] })]) {
      const bad = await send('POST', '/v1/messages', body);
      expect(bad.status).toBe(400);
      expect(bad.body).toContain('"type":"invalid_request_error"');
    }
  });

  it('remembers the last requests without keys and contents', async () => {
    const { requests } = await start();
    const headers = { 'x-claude-code-session-id': 's1', 'x-api-key': 'sk-secret', authorization: 'Bearer sk-secret' };
    await send('POST', '/v1/messages?beta=true', ask('private [[scenario:clean-fix]]'), headers);
    expect(requests).toEqual([
      {
        method: 'POST',
        path: '/v1/messages',
        model: 'claude-x',
        nMessages: 1,
        script: 'clean-fix',
        step: 0,
        sessionId: 's1',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ]);
    for (let i = 0; i < 1000; i++) await send('HEAD', '/');
    expect(requests).toHaveLength(1000);
    expect(requests[0]?.method).toBe('HEAD');
  });

  it('takes new scripts while it runs and refuses wrong ones', async () => {
    const running = await start({ scripts: { a: [{ text: 'old' }] } });
    running.setScripts({ a: [{ text: 'new' }] });
    expect((await send('POST', '/v1/messages', ask('[[scenario:a]]'))).body).toContain('"new"');
    const wrong = { a: [{ texd: 'typo' }] } as unknown as Parameters<typeof running.setScripts>[0];
    expect(() => running.setScripts(wrong)).toThrow(/texd/);
    await expect(startScriptedModel({ scripts: { a: [{ text: 'x', whenToolResult: '(' }] } })).rejects.toThrow(
      /not a regular expression/,
    );
  });

  it('closes although answers hang, and frees the port', async () => {
    const running = await start({
      scripts: {
        none: [{ hang: 'headers', times: 0 }],
        half: [{ text: 'a', hang: 'stream' }],
        late: [{ delayMs: 60_000 }],
      },
    });
    const hanging = ['none', 'half', 'late'].map((name) =>
      send('POST', '/v1/messages', ask(`[[scenario:${name}]]`, { stream: true })).then(
        (answer) => answer.cut,
        () => true,
      ),
    );
    const half = new Promise<void>((resolve) => {
      const poll = (): void => void (running.requests.length === 3 ? resolve() : setImmediate(poll));
      poll();
    });
    await half;
    await running.close();
    expect(await Promise.all(hanging)).toEqual([true, true, true]);
    const refused = new Promise((resolve) => {
      connect(Number(new URL(running.url).port), '127.0.0.1').once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code),
      );
    });
    expect(await refused).toBe('ECONNREFUSED');
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL((await start()).url).port);
    await expect(startScriptedModel({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
