// What a pretend server reads and answers.
import type { IncomingMessage, ServerResponse } from 'node:http';

export async function readAll(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

export function parse(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8'));
}

export function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function problem(res: ServerResponse, status: number, code: string, detail: string): void {
  const retryable = status >= 500;
  json(res, status, { type: code, title: code, status, detail, code, requestId: 'r', retryable, hint: 'Look.' });
}

/** As something in between answers. */
export function sendPage(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Welcome to this network</h1>');
}
