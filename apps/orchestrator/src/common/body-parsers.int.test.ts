import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { installBodyParsers } from './body-parsers.js';

let server: FastifyInstance | undefined;
afterEach(() => server?.close());

/** A route that reads raw bytes once it is told to. Gives what it was handed, and how reading ended. */
async function startReader(): Promise<{
  port: number;
  body: Promise<Readable>;
  read: () => void;
  end: Promise<unknown>;
}> {
  server = fastify();
  installBodyParsers(server);
  let [read, handIn, conclude] = [
    (): void => undefined,
    (_: Readable): void => undefined,
    (_: unknown): void => undefined,
  ];
  const mayRead = new Promise<void>((resolve) => (read = resolve));
  const body = new Promise<Readable>((resolve) => (handIn = resolve));
  const end = new Promise<unknown>((resolve) => (conclude = resolve));
  const config = { row: { body: 'bytes' } } as never;
  server.put('/bytes', { config, bodyLimit: 100 }, async (incoming) => {
    const stream = incoming.body as Readable;
    handIn(stream);
    await mayRead;
    try {
      await buffer(stream);
      conclude('read');
    } catch (error) {
      conclude(error);
    }
    return '';
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: (server.server.address() as AddressInfo).port, body, read, end };
}

describe('raw bytes', () => {
  it('that break off before anybody reads them bring down nothing but their own request', async () => {
    const { port, body, read, end } = await startReader();
    const headers = { 'content-type': 'application/octet-stream', 'content-length': 50 };
    const upload = request({ port, method: 'PUT', path: '/bytes', headers });
    upload.on('error', () => undefined).write('the beginning');
    const stream = await body;
    upload.destroy();
    while (!stream.destroyed) await setImmediate();
    await setImmediate();
    read();
    expect(await end).toMatchObject({
      code: 'malformed_body',
      detail: 'The connection was lost in the middle of the body.',
    });
  });
});
