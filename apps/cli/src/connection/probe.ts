// A look at the wire itself: headers and the time of the first byte, which the typed client does not tell. It is also
// what `version` asks with, since it loads in no time.
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
}

/** One GET. Rejects when no answer arrives within the time. */
export function probe(url: string, options: Probe): Promise<Answer> {
  const started = performance.now();
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const headers = {
      accept: options.accept ?? 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    };
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
export async function askHealth(server: string, timeoutMs: number): Promise<HealthAnswer | undefined> {
  const { body, date } = await probe(`${server}/health`, { timeoutMs });
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
