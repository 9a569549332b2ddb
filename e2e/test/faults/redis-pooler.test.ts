// Behind a transaction pooler, where no transaction knows on which connection to the database it runs: everything works the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { poolSize, startPgbouncer, type Pgbouncer } from '../../../scripts/test/pgbouncer.mjs';
import { runSql } from '../../../scripts/test/postgres.mjs';
import { Balancer } from '../../src/balancer.js';
import { CommandLoad } from '../../src/command-load.js';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import type { Peer } from '../../src/stack.js';
import { waitFor } from '../../src/wait-for.js';

const server = process.env.TEST_POSTGRES_URL ?? '';

let pooler: Pgbouncer;
let stack: FaultStack;
let peer: Peer;
let balancer: Balancer;
/** What was started, the newest first: also a start that fails half-way leaves nothing. */
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  pooler = await startPgbouncer(server);
  ends.unshift(() => pooler.stop());
  stack = await startFaultStack('behind a pooler', { workers: 0 }, pooler.url);
  ends.unshift(() => stack.finish());
  peer = await stack.startPeer();
  balancer = await Balancer.open(() => [stack.url, peer.url]);
  ends.unshift(() => balancer.close());
  for (let n = 0; n < 2; n++) await stack.startWorker({ url: balancer.url, args: ['--concurrency', '4'] });
});
afterAll(async () => {
  const failures: unknown[] = [];
  for (const end of ends) await end().catch((error: unknown) => failures.push(error));
  expect(failures).toEqual([]);
});

const file = (name: string) => join(stack.folder, name);
const lines = (name: string) => readFileSync(file(name), 'utf8').trim().split('\n');
const loadOf = (name: string) => new CommandLoad(stack, name, balancer.url);
/** Other tests are on the same server. */
const ownRole = () => new URL(stack.storeEnv['DATABASE_URL'] ?? '').username;
const isHealthy = async () =>
  (await Promise.all([stack.client.health(), peer.client.health()])).every(({ status }) => status === 'ok');

describe('two orchestrators behind a transaction pooler', () => {
  it('share a few connections, and do all tasks once', async () => {
    const load = loadOf('all');
    try {
      await load.goOn(40);
      const connections = `SELECT count(*) FROM pg_stat_activity WHERE usename = '${ownRole()}'`;
      expect(Number(await runSql(server, connections))).toBeLessThanOrEqual(poolSize);
    } finally {
      await load.end();
    }
    expect(await load.faults()).toEqual([]);
    await waitFor('both to be well', isHealthy);
  });

  it('run Claude Code on a repository, and who follows it by the other one hears it all', async () => {
    const task = await stack.submit({
      prompt: 'Say it [[scenario:one-turn]]',
      repository: { path: stack.repository('r') },
    });
    const heard: string[] = [];
    const run = { params: { runId: task.currentRunId }, signal: AbortSignal.timeout(120_000) };
    for await (const { type: event, data } of peer.client.follow('listEvents', run)) {
      if (event === 'end') break;
      heard.push(JSON.stringify(data));
    }
    expect(await stack.until(task.id)).toMatchObject({ status: 'succeeded', runCount: 1 });
    expect(heard).toHaveLength((await stack.events(task.currentRunId)).length);
  });

  it('never run two of a concurrency key at once', async () => {
    const command = ['sh', '-c', `mkdir ${file('alone')} && echo in >> ${file('turns')} && rmdir ${file('alone')}`];
    const client = stack.clientOf(balancer.url);
    const body = { executor: 'command' as const, command, concurrencyKey: 'alone' };
    const tasks = await Promise.all(Array.from({ length: 20 }, () => client.submitTask({ body })));
    stack.accepted.push(...tasks.map(({ id }) => id));
    const ends = await Promise.all(tasks.map(({ id }) => stack.until(id)));
    expect(ends.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    expect(lines('turns')).toHaveLength(20);
  });

  it('end at one what was begun at the other', async () => {
    const task = await peer.client.submitTask({ body: { executor: 'command', command: ['sleep', '600'] } });
    stack.accepted.push(task.id);
    await stack.until(task.id, ['running']);
    await stack.client.cancelTask({ params: { taskId: task.id } });
    expect(await stack.until(task.id)).toMatchObject({ status: 'cancelled', currentRun: { confirmed: true } });
  });
});

describe('under load', () => {
  const isAway = async () => (await stack.client.health().catch(() => null))?.status !== 'ok';

  it.each([
    [
      'the pooler was killed and started',
      async () => {
        await pooler.halt();
        await waitFor('the outage to be seen', isAway).finally(() => pooler.resume());
      },
    ],
    [
      'the connections behind it were ended again and again',
      async (load: CommandLoad) => {
        for (let n = 0; n < 10; n++) {
          await runSql(
            server,
            `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '${ownRole()}'`,
          );
          await load.goOn(2);
        }
      },
    ],
  ])('they go on after %s', async (name, fault) => {
    const load = loadOf(name.replaceAll(' ', '-'));
    try {
      await load.goOn();
      await fault(load);
      const since = performance.now();
      await waitFor('all to be well', isHealthy);
      stack.recovered(since);
      await load.goOn();
    } finally {
      await load.end();
    }
    expect(await load.faults()).toEqual([]);
  });

  it('an orchestrator is added', async () => {
    const load = loadOf('added');
    try {
      await load.goOn();
      const third = await stack.startPeer();
      await load.goOn();
      await third.program.stop();
      await load.goOn();
    } finally {
      await load.end();
    }
    expect(await load.faults()).toEqual([]);
  });
});
