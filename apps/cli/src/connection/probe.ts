// A look at the wire itself: headers and the time of the first byte, which the typed client does not tell. It is also
// what `version` asks with, since it loads in no time.
import type { FetchAnswer, Transport } from '@corch/contract/client';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Answer {
  readonly status: number;
  /** The server's clock, milliseconds; undefined when it did not say. */
  readonly date: number | undefined;
  /** Milliseconds from the request to the first byte of the body. */
  readonly firstByteMs: number;
  readonly body: string;
}

export interface Probe {
  readonly token?: string | undefined;
  readonly accept?: string;
  /** Resolve at the first byte of the body and hang up, as for a stream that never ends. */
  readonly firstByteOnly?: boolean;
  readonly timeoutMs: number;
  /** Instead of a plain connection. */
  readonly transport?: Transport | undefined;
}

/** One GET. Rejects when no answer arrives within the time. */
export function probe(url: string, options: Probe): Promise<Answer> {
  return options.transport === undefined ? probePlainly(url, options) : probeThrough(options.transport, url, options);
}

function headersOf({ accept, token }: Probe): Record<string, string> {
  return {
    accept: accept ?? 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

async function probeThrough(transport: Transport, url: string, options: Probe): Promise<Answer> {
  const started = performance.now();
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    const answer = await transport.fetch(url, { headers: headersOf(options), signal, redirect: 'manual' });
    const { body, firstByteMs } = await readBody(answer, started, options.firstByteOnly === true);
    const date = answer.headers.get('date');
    return { status: answer.status, date: date === null ? undefined : Date.parse(date), firstByteMs, body };
  } finally {
    ended.abort();
  }
}

async function readBody(
  answer: FetchAnswer,
  started: number,
  firstByteOnly: boolean,
): Promise<Pick<Answer, 'body' | 'firstByteMs'>> {
  const reader = answer.body?.getReader();
  const chunks: Uint8Array[] = [];
  let firstByteMs: number | undefined;
  for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
    firstByteMs ??= performance.now() - started;
    chunks.push(read.value);
    if (firstByteOnly) break;
  }
  return { body: Buffer.concat(chunks).toString('utf8'), firstByteMs: firstByteMs ?? performance.now() - started };
}

function probePlainly(url: string, options: Probe): Promise<Answer> {
  const started = performance.now();
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const headers = headersOf(options);
    const sent = request(url, { headers, signal, agent: false }, (response) => {
      let firstByteMs: number | undefined;
      const chunks: Buffer[] = [];
      const finish = () => {
        resolve({
          status: response.statusCode ?? 0,
          date: response.headers.date === undefined ? undefined : Date.parse(response.headers.date),
          firstByteMs: firstByteMs ?? performance.now() - started,
          body: Buffer.concat(chunks).toString('utf8'),
        });
        sent.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        firstByteMs ??= performance.now() - started;
        chunks.push(chunk);
        if (options.firstByteOnly) finish();
      });
      response.once('end', finish);
      response.once('error', reject);
    });
    sent.once('error', (error) =>
      reject(signal.aborted ? new Error(`no answer within ${options.timeoutMs} ms`) : error),
    );
    sent.end();
  });
}

/** What `/health` says, in the parts that are shown. */
export interface HealthAnswer {
  readonly status: string;
  readonly version: string;
  readonly protocol: number;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
  readonly date: number | undefined;
}

/** Asks `/health`. Undefined when what answers is no orchestrator. Rejects when nothing answers. */
export async function askHealth(
  server: string,
  timeoutMs: number,
  transport?: Transport,
): Promise<HealthAnswer | undefined> {
  const { body, date } = await probe(`${server}/health`, { timeoutMs, transport });
  try {
    const health = JSON.parse(body) as Partial<HealthAnswer>;
    if (typeof health.version !== 'string' || typeof health.protocol !== 'number') return undefined;
    return {
      status: String(health.status),
      version: health.version,
      protocol: health.protocol,
      checks: health.checks ?? {},
      date,
    };
  } catch {
    return undefined;
  }
}
