// The real client through a real proxy and real TLS; the orchestrator is pretended.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@corch/contract/client';
import { ForwardProxy } from './testing/forward-proxy.js';
import { makeCertificates, TlsFront, type Certificates } from './testing/tls-front.js';
import { openTransport } from './transport.js';
import { TransportError } from './transport-error.js';

const name = 'corch.test';
const runId = `run_${'0'.repeat(26)}`;
const body = { epoch: 1, firstN: 1, events: [{ at: '2030-01-01T00:00:00Z', type: 'text' as const, text: 'x' }] };

let folder: string;
let certificates: Certificates;
let server: Server;
let front: TlsFront;
const closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  certificates = await makeCertificates(name);
  folder = mkdtempSync(join(tmpdir(), 'corch-transport-'));
  writeFileSync(join(folder, 'ca.pem'), `A comment.\n${certificates.authority}`);
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  server = createServer(pretend).listen(0, '127.0.0.1');
  await once(server, 'listening');
  front = await TlsFront.open(certificates, (server.address() as AddressInfo).port);
  closing.push(front);
});
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
  server.closeAllConnections();
  server.close();
});

function pretend(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.endsWith('/control')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: mode\ndata: {"type":"mode"}\n\n');
    return void setTimeout(() => response.end('event: end\ndata: {}\n\n'), 20);
  }
  if (request.url?.endsWith('/patch')) return void response.end(Buffer.from([0, 255, 1]));
  if (request.url?.endsWith('/keys')) return void response.writeHead(302, { location: 'https://elsewhere/' }).end();
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json').end('{"nextN":2,"cancel":false,"late":false}');
  });
}

const proxy = async (names: Record<string, string> = { [name]: '127.0.0.1' }, credentials?: string) => {
  const opened = await ForwardProxy.open(names, credentials);
  closing.push(opened);
  return opened;
};
const ca = () => join(folder, 'ca.pem');

async function clientOf(url: string, environment: Record<string, string>, caFile?: string): Promise<Client> {
  const transport = await openTransport({ url, environment, caFile });
  return createClient({ baseUrl: url, token: 'corch_x', ...(transport && { transport }) });
}

/** A call, a stream and a file. */
async function useAll(client: Client): Promise<void> {
  const params = { runId };
  expect(await client.appendEvents({ params, body })).toMatchObject({ nextN: 2 });
  const heard: string[] = [];
  const options = { signal: new AbortController().signal, reconnect: false };
  for await (const { type } of client.follow('watchControl', options)) heard.push(type);
  expect(heard).toEqual(['mode', 'end']);
  expect(await client.readPatch({ params })).toEqual(new Uint8Array([0, 255, 1]));
}

describe('a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])(
    'of %s carries calls, streams and files to a private https',
    async (variable) => {
      const between = await proxy();
      const client = await clientOf(`https://${name}:${front.port}`, { [variable]: between.url }, ca());
      await useAll(client);
      expect(new Set(between.tunnels)).toEqual(new Set([`${name}:${front.port}`]));
    },
  );

  it('of HTTP_PROXY is asked for the pages of a plain address', async () => {
    const between = await proxy();
    const { port } = server.address() as AddressInfo;
    await useAll(await clientOf(`http://${name}:${port}`, { HTTP_PROXY: between.url }));
    expect(between.tunnels).toEqual([]);
    expect(between.pages).toEqual([
      `POST /api/v1/runs/${runId}/events`,
      'GET /api/v1/workers/control',
      `GET /api/v1/runs/${runId}/patch`,
    ]);
  });

  it('is left out for the hosts of NO_PROXY, and for this machine', async () => {
    const between = await proxy();
    const { port } = server.address() as AddressInfo;
    const environment = { HTTP_PROXY: between.url, no_proxy: `other,.corch.test` };
    // Nothing but the proxy knows the name, so it cannot be reached.
    const aside = clientOf(`http://${name}:${port}`, environment).then((client) => client.listKeys());
    await expect(aside).rejects.toMatchObject({ name: 'UnreachableError' });
    await useAll(await clientOf(`http://127.0.0.1:${port}`, { HTTP_PROXY: between.url }));
    expect(between.pages.concat(between.tunnels)).toEqual([]);
  });

  it('gets name and password, and nobody else does', async () => {
    const between = await proxy(undefined, 'me:hunter2hunter2');
    const url = `https://${name}:${front.port}`;
    const transport = await openTransport({ url, environment: { HTTPS_PROXY: between.url }, caFile: ca() });
    expect(transport?.proxy).toBe(between.url.replace('me:hunter2hunter2@', ''));
    await useAll(await clientOf(url, { HTTPS_PROXY: between.url }, ca()));
    expect(between.refused).toBe(0);
    const stranger = between.url.replace('hunter2hunter2', 'wrongwrong');
    for (const [target, variable] of [
      [url, 'HTTPS_PROXY'],
      [`http://${name}:8080`, 'HTTP_PROXY'],
    ] as const) {
      const client = await clientOf(target, { [variable]: stranger }, ca());
      const refused = await client.listTasks().catch((error: unknown) => error);
      expect(refused).toMatchObject({ kind: 'proxy', message: expect.stringContaining('HTTP 407') });
      expect(refused).toMatchObject({ hint: expect.stringContaining('NAME:PASSWORD') });
      expect(String((refused as Error).stack)).not.toContain('wrongwrong');
    }
  });

  it('that refuses or is not there is named', async () => {
    const between = await proxy();
    between.status = 403;
    const url = `https://${name}:${front.port}`;
    const client = await clientOf(url, { HTTPS_PROXY: between.url }, ca());
    await expect(client.listTasks()).rejects.toMatchObject({
      kind: 'proxy',
      message: expect.stringMatching(/HTTP 403/),
    });
    const gone = await clientOf(url, { HTTPS_PROXY: 'http://127.0.0.1:9' }, ca());
    const absent = { kind: 'proxy', message: expect.stringMatching(/127.0.0.1:9 does not answer \(ECONNREFUSED\)/) };
    await expect(gone.listTasks()).rejects.toMatchObject(absent);
    const stream = gone.follow('watchControl', { signal: new AbortController().signal, reconnect: false });
    await expect(stream.next()).rejects.toMatchObject(absent);
  });
});

describe('a private certificate authority', () => {
  const localhost = () => `https://localhost:${front.port}`;

  it('is trusted beside the others, without a proxy too', async () => {
    const own = await makeCertificates('localhost');
    writeFileSync(join(folder, 'own.pem'), own.authority);
    const local = await TlsFront.open(own, (server.address() as AddressInfo).port);
    closing.push(local);
    await useAll(await clientOf(`https://localhost:${local.port}`, {}, join(folder, 'own.pem')));
    // One that NODE_EXTRA_CA_CERTS names goes on to count.
    const environment = { NODE_EXTRA_CA_CERTS: join(folder, 'own.pem') };
    await useAll(await clientOf(`https://localhost:${local.port}`, environment, ca()));
  });

  it.each([undefined, 'other.pem'])('that is another one (%s) is said with the way out', async (file) => {
    writeFileSync(join(folder, 'other.pem'), (await makeCertificates(name)).authority);
    const client = await clientOf(localhost(), {}, file && join(folder, file));
    await expect(client.listTasks()).rejects.toMatchObject({
      kind: 'trust',
      message: expect.stringMatching(/certificate of https:\/\/localhost:\d+ is not trusted here/),
      hint: expect.stringContaining('--ca-file'),
    });
  });

  it('does not make a certificate good that is for another name', async () => {
    const client = await clientOf(localhost(), {}, ca());
    await expect(client.listTasks()).rejects.toMatchObject({
      kind: 'trust',
      message: expect.stringContaining('for another name'),
    });
  });

  it('answers of a redirect are not followed', async () => {
    const between = await proxy();
    const client = await clientOf(`https://${name}:${front.port}`, { HTTPS_PROXY: between.url }, ca());
    await expect(client.listKeys()).rejects.toMatchObject({ message: expect.stringContaining('HTTP 302') });
    expect(between.tunnels).toHaveLength(1);
  });

  it('calls can be broken off and run out of time', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    front.lead((silent.address() as AddressInfo).port);
    const between = await proxy();
    const client = await clientOf(`https://${name}:${front.port}`, { HTTPS_PROXY: between.url }, ca());
    await expect(client.listTasks({ timeoutMs: 100 })).rejects.toMatchObject({
      name: 'UnreachableError',
      kind: 'other',
    });
    const reason = new Error('enough');
    await expect(client.listTasks({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    silent.closeAllConnections();
    silent.close();
  });
});

describe('a file of authorities', () => {
  it.each([
    ['missing.pem', undefined, /missing.pem cannot be read: ENOENT/],
    ['empty.pem', 'nothing\n', /empty.pem holds no certificate in PEM form/],
    ['broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read \(number 1\)/],
  ])('%s is refused at once', async (file, text, message) => {
    const path = join(folder, file);
    if (text !== undefined) writeFileSync(path, text);
    const opened = openTransport({ url: 'https://corch.example', environment: {}, caFile: path });
    await expect(opened).rejects.toThrow(TransportError);
    await expect(opened).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringContaining('CORCH_CA_FILE'),
    });
  });

  it('is not needed where nothing is special', async () => {
    expect(await openTransport({ url: 'https://corch.example', environment: {}, caFile: undefined })).toBeUndefined();
  });
});
