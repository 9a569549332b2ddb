// What a hoster offers: PostgreSQL by TLS, also behind a transaction pooler, and Redis by TLS that tells nothing of itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificates, type Certificates } from '@corch/transport/testing';
import { startPgbouncer } from '../../scripts/test/pgbouncer.mjs';
import { startPostgres } from '../../scripts/test/postgres.mjs';
import { mains, startStack, type Stack } from '../src/stack.js';
import { openStore, type StorePlace } from '../src/store.js';
import { startTlsRedis, type TlsRedis } from '../src/tls-redis.js';
import { waitFor } from '../src/wait-for.js';

let certificates: Certificates;
let redis: TlsRedis;
let place: StorePlace;
let stack: Stack;
let caFile: string;
let otherCa: string;
/** What was started, the newest first: also a start that fails half-way leaves nothing. */
const ends: (() => Promise<void>)[] = [];
const health = async () => (await (await fetch(`${stack.url}/health`)).json()) as Health;
interface Health {
  readonly status: string;
  readonly checks: Record<string, { readonly ok: boolean; readonly detail: string } | undefined>;
}

beforeAll(async () => {
  certificates = await makeCertificates('localhost');
  const pooler = await startPgbouncer(process.env.TEST_POSTGRES_URL ?? '', certificates);
  ends.unshift(() => pooler.stop());
  place = await openStore('postgres', pooler.url);
  ends.unshift(() => place.drop());
  // Its folder is where the files of the others go.
  stack = await startStack({ workers: 0 });
  ends.unshift(() => stack.stop());
  await stack.orchestrator.stop();
  caFile = join(stack.folder, 'ca.pem');
  writeFileSync(caFile, certificates.authority);
  otherCa = join(stack.folder, 'other-ca.pem');
  writeFileSync(otherCa, (await makeCertificates('localhost')).authority);
  const folder = join(stack.folder, 'redis');
  mkdirSync(folder);
  redis = await startTlsRedis(folder, certificates);
  ends.unshift(() => redis.stop());
});
afterAll(async () => {
  const failures: unknown[] = [];
  for (const end of ends) await end().catch((error: unknown) => failures.push(error));
  expect(failures).toEqual([]);
});

const behindPooler = () => `${place.env['DATABASE_URL']}?sslmode=verify-full&sslrootcert=${caFile}`;
const redisEnv = () => ({ REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix });

describe('a transaction pooler and a Redis, both by TLS', () => {
  it('serve an orchestrator, and workers that wait on Redis themselves', async () => {
    const env = { DATABASE_URL: behindPooler(), ...redisEnv(), NODE_EXTRA_CA_CERTS: caFile };
    await stack.startOrchestrator(env);
    const { orchestrator } = stack;
    await waitFor('Redis', async () => (await health()).checks['redis']?.ok === true);
    expect(orchestrator.stderr).toContain('Make sure that the policy is noeviction.');
    // An address with a password is not for the log.
    expect(orchestrator.stderr).not.toContain('secret@');

    const worker = await stack.startWorker({
      args: ['--redis-url', redis.url, '--redis-prefix', redis.prefix],
      env: { NODE_EXTRA_CA_CERTS: caFile },
    });
    const tasks = await Promise.all(
      Array.from({ length: 5 }, (_, n) => stack.submit({ executor: 'command', command: ['echo', String(n)] })),
    );
    const ended = await Promise.all(tasks.map(({ id }) => stack.until(id)));
    expect(ended.map(({ status }) => status)).toEqual(Array(5).fill('succeeded'));
    expect((await health()).status).toBe('ok');
    await worker.stop();
    await orchestrator.stop();
  });

  it('does not come into use with another authority, says so, and work goes on without it', async () => {
    const env = { DATABASE_URL: behindPooler(), ...redisEnv(), NODE_EXTRA_CA_CERTS: otherCa };
    await stack.startOrchestrator(env);
    await waitFor('the reason', async () => /NODE_EXTRA_CA_CERTS/.test((await health()).checks['redis']?.detail ?? ''));
    const { status, checks } = await health();
    expect({ status, redis: checks['redis'] }).toMatchObject({
      status: 'degraded',
      redis: { ok: false, detail: expect.stringContaining('its certificate is not trusted here') },
    });
    const worker = await stack.startWorker({ env: { NODE_EXTRA_CA_CERTS: otherCa } });
    const task = await stack.submit({ executor: 'command', command: ['echo', 'polled'] });
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded' });
    await worker.stop();
    await stack.orchestrator.stop();
  });
});

describe('PostgreSQL by TLS', () => {
  /** How an orchestrator ends that cannot use this address. */
  const refusal = async (url: string, env: Record<string, string> = {}) => {
    const own = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(stack.folder, 'refused'), DATABASE_URL: url, ...env };
    const { code, stderr } = await stack.run(mains.orchestrator, [], own).ended;
    return { code, stderr };
  };
  const said = (...words: string[]) => ({ code: 1, stderr: expect.stringMatching(words.join('[^]*')) });

  it('is used with its authority, and else refused with what to do', async () => {
    const server = await startPostgres({}, certificates);
    const other = await makeCertificates('db.example.com');
    const misnamed = await startPostgres({}, other);
    const otherNameCa = join(stack.folder, 'other-name.pem');
    writeFileSync(otherNameCa, other.authority);
    try {
      const url = server.url.replace('127.0.0.1', 'localhost');
      const wrongName = misnamed.url.replace('127.0.0.1', 'localhost');
      expect(await refusal(url)).toEqual(said('wants TLS', 'sslmode=verify-full'));
      expect(await refusal(`${url}?sslmode=verify-full`)).toEqual(said('not trusted here', 'sslrootcert=FILE'));
      expect(await refusal(`${url}?sslmode=verify-full&sslrootcert=${otherCa}`)).toEqual(said('not trusted here'));
      expect(await refusal(`${url}?sslmode=verify-full&sslrootcert=/none.pem`)).toEqual(
        said('/none.pem', 'sslrootcert'),
      );
      const misnamedUrl = `${wrongName}?sslmode=verify-full&sslrootcert=${otherNameCa}`;
      expect(await refusal(misnamedUrl)).toEqual(said('for another name', 'host of DATABASE_URL'));
      const plain = `${process.env.TEST_POSTGRES_URL}?sslmode=verify-full`;
      expect(await refusal(plain)).toEqual(said('speaks no TLS', 'sslmode'));

      const ways: Record<string, string>[] = [
        { DATABASE_URL: `${url}?sslmode=verify-full&sslrootcert=${caFile}` },
        { DATABASE_URL: `${url}?sslmode=verify-full`, NODE_EXTRA_CA_CERTS: caFile },
      ];
      for (const env of ways) {
        await stack.startOrchestrator(env);
        expect((await health()).checks['database']).toMatchObject({
          ok: true,
          detail: expect.stringMatching(/^postgres/),
        });
        await stack.orchestrator.stop();
      }
    } finally {
      await Promise.all([server.stop(), misnamed.stop()]);
    }
  });
});
