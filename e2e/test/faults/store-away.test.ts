// Accepted means kept, also when the store itself fails under load (F28, F29): nothing lost, nothing twice, and the
// orchestrator recovers alone.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { patient } from '@corch/contract/client';
import { runSql, startPostgres } from '../../../scripts/test/postgres.mjs';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { openIdleConnections } from '../../src/idle-connections.js';
import { chosenStore } from '../../src/store.js';
import { waitFor } from '../../src/wait-for.js';

let stack: FaultStack;
let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
beforeAll(async () => {
  // A server of its own: the others who use the one of the test run shall not feel this. What it has committed is in its log.
  if (chosenStore() !== 'sqlite') postgres = await startPostgres({ synchronous_commit: 'on' });
  stack = await startFaultStack('the store away', { workers: 2 }, postgres?.url);
});
afterAll(async () => {
  await stack.finish().finally(() => postgres?.stop());
});

/** Tasks without a pause, each submitted until it is accepted; two at a time. */
class Load {
  private isOver = false;
  private readonly keys = new Set<string>();
  private readonly taskIds = new Set<string>();
  private readonly clients = [this.submitAll(), this.submitAll()];

  get accepted(): number {
    return this.taskIds.size;
  }

  /** Waits until so many more were accepted. */
  async goOn(count = 4): Promise<void> {
    const before = this.accepted;
    await waitFor('tasks to be accepted', () => this.accepted >= before + count);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  /** Everything that was accepted succeeds, in one run, and a repeated request made no second task. */
  async check(): Promise<void> {
    const ends = await stack.untilAll([...this.taskIds]);
    const bad = ends.filter(({ status, runCount }) => status !== 'succeeded' || runCount !== 1);
    const runs = await Promise.all(bad.map(({ id }) => stack.client.listTaskRuns({ params: { taskId: id } })));
    expect(runs.flatMap(({ data }) => data.map(({ id, status, exit }) => ({ id, status, exit })))).toEqual([]);
    expect(this.taskIds.size).toBe(this.keys.size);
  }

  private async submitAll(): Promise<void> {
    const task = {
      executor: 'command',
      command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.05; done'],
    } as const;
    while (!this.isOver) {
      const idempotencyKey = randomUUID();
      this.keys.add(idempotencyKey);
      const retry = { ...patient, maxDelayMs: 500 };
      const { id } = await stack.submit({ ...task, command: [...task.command] }, { idempotencyKey, retry });
      this.taskIds.add(id);
    }
  }
}

const isAway = async () => (await stack.client.health().catch(() => null))?.status !== 'ok';
/** Stops the server until that is seen. */
async function outage(how?: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  await postgres?.halt(how);
  await waitFor('the outage to be seen', isAway).finally(() => postgres?.resume());
}
const sql = (statement: string) => runSql(postgres?.url ?? '', statement);
const others = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'corch_faults_%'`;

type Fault = [name: string, fault: (load: Load) => Promise<void>];
const faults: Record<'sqlite' | 'postgres', Fault[]> = {
  sqlite: [
    [
      'the orchestrator was killed in the middle of its commits',
      async (load) => {
        for (let n = 0; n < 3; n++) {
          await load.goOn();
          stack.orchestrator.kill('SIGKILL');
          await stack.orchestrator.ended;
          // What a kill did to the file would be found here.
          await stack.startOrchestrator();
        }
      },
    ],
  ],
  postgres: [
    [
      'the server was stopped and started',
      async (load) => {
        await outage();
        await load.goOn();
      },
    ],
    [
      'the server crashed',
      async (load) => {
        await outage('SIGQUIT');
        await load.goOn();
      },
    ],
    [
      'its connections were ended again and again',
      async (load) => {
        for (let n = 0; n < 10; n++) {
          expect(Number(await sql(others))).toBeGreaterThan(0);
          await load.goOn(2);
        }
      },
    ],
    [
      '300 idle connections left no place for it',
      async (load) => {
        await sql('CREATE ROLE idler LOGIN');
        const places =
          Number(await sql('SHOW max_connections')) - Number(await sql('SHOW superuser_reserved_connections'));
        // Whoever is quick gets a place that becomes free; so the orchestrator stands still until all are taken.
        stack.orchestrator.kill('SIGSTOP');
        const idle = await openIdleConnections(postgres?.url ?? '', 'idler', 300);
        const isFull = async () => {
          await sql(others);
          return Number(await sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = 'idler'`)) >= places;
        };
        await waitFor('every place to be taken', isFull);
        stack.orchestrator.kill('SIGCONT');
        await waitFor('the outage to be seen', isAway).finally(() => idle.close());
        await load.goOn();
      },
    ],
  ],
};

describe('under load', () => {
  it.each(faults[chosenStore() === 'sqlite' ? 'sqlite' : 'postgres'])('goes on after %s', async (_name, fault) => {
    const load = new Load();
    await load.goOn();
    const since = performance.now();
    try {
      await fault(load);
      await load.goOn();
      stack.recovered(since);
    } finally {
      await load.end();
    }
    await load.check();
  });
});
