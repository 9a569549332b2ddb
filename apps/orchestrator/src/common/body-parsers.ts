// How bodies are read: JSON as strict UTF-8, raw bytes as a stream that is cut off at the limit of its route.
import { Transform, type Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from './app-error.js';

/** Bytes of a body where the route's row names no other limit: room for a prompt of 1 MB, JSON-escaped as usual. */
export const commonBodyLimit = 1_500_000;

/** Arrays and objects inside each other. Checking by schema overflows the stack of Node 20 between 500 and 2,000. */
const maxDepth = 500;

/** Installs the two parsers. Every other content type is answered with 415. */
export function installBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      refuseUnless(request, 'json');
      done(null, parseJson(body));
    } catch (error) {
      done(error as AppError);
    }
  });
  fastify.addContentTypeParser('application/octet-stream', (request, payload, done) => {
    try {
      refuseUnless(request, 'bytes');
      done(null, limited(payload, request));
    } catch (error) {
      done(error as AppError);
    }
  });
}

/** @throws AppError `malformed_body`, saying at which byte or character. */
export function parseJson(body: Buffer): unknown {
  // A POST without a body, from a client that names the type anyway.
  if (body.length === 0) return undefined;
  const text = decode(body);
  refuseDeep(body);
  try {
    return JSON.parse(text, refusePrototype) as unknown;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('malformed_body', `The body is not valid JSON: ${(error as SyntaxError).message}.`);
  }
}

/** Everything that walks through a body (parsing, checking, storing it) does so by recursion. */
function refuseDeep(body: Buffer): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
    if (depth > maxDepth) {
      throw new AppError('malformed_body', `The body is nested deeper than ${maxDepth} levels.`, {
        hint: 'Send a flatter document.',
      });
    }
  }
}

/** `__proto__` in JSON is an ordinary key, until somebody copies it. */
function refusePrototype(this: unknown, key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new AppError('malformed_body', 'The body holds the key `__proto__`, which is not accepted.');
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new AppError(
      'malformed_body',
      `The body is not valid UTF-8: the first wrong byte is number ${firstWrongByte(body) + 1}.`,
    );
  }
}

/** The offset of the first byte that is no UTF-8. A byte that is wrong decodes to U+FFFD, which three bytes encode. */
function firstWrongByte(body: Buffer): number {
  const roundTrip = Buffer.from(body.toString('utf8'));
  let at = 0;
  while (at < body.length && body[at] === roundTrip[at]) at++;
  return at;
}

function refuseUnless(request: FastifyRequest, kind: 'json' | 'bytes'): void {
  const takes = request.routeOptions.config.row?.body === 'bytes' ? 'bytes' : 'json';
  if (takes === kind) return;
  throw takes === 'bytes'
    ? new AppError('unsupported_media_type', 'This route takes raw bytes.', { hint: 'Send application/octet-stream.' })
    : new AppError('unsupported_media_type', 'This route takes JSON, not raw bytes.');
}

/** The bytes as they come in, as far as the route accepts them. */
function limited(payload: Readable, request: FastifyRequest): Readable {
  const limit = request.routeOptions.bodyLimit;
  const tooLarge = () =>
    new AppError('payload_too_large', `The body is larger than the ${limit} bytes that this route accepts.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(tooLarge());
      else done(null, chunk);
    },
  });
  // The connection may break before the bytes are asked for, or nobody asks for them since the call is refused. An error that
  // nobody listens to ends the process; whoever reads later is told all the same.
  counter.on('error', () => undefined);
  const lost = () =>
    counter.destroy(new AppError('malformed_body', 'The connection was lost in the middle of the body.'));
  payload.on('error', lost);
  payload.on('close', () => {
    if (!payload.readableEnded) lost();
  });
  return payload.pipe(counter);
}
