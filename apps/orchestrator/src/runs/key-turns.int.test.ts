import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeOnEachStore } from '../testing/stores.js';
import type { Domain } from '../testing/domain.js';

describeOnEachStore('turns of concurrency keys', (store) => {
  let domain: Domain;
  let worker: string;
  beforeEach(async () => {
    domain = await store.open();
    worker = await domain.worker();
  });
  afterEach(() => domain.close());

  const submit = async (key: string | undefined, many = 1, more: { priority?: number; limit?: number } = {}) => {
    const { limit = 1000, priority } = more;
    const ids: string[] = [];
    for (let n = 0; n < many; n++) {
      const limited = key !== undefined && { concurrencyKey: key, concurrencyLimit: limit };
      ids.push((await domain.submit({ ...limited, title: key ?? '-', priority })).id);
    }
    return ids;
  };
  /** The keys in the order in which their runs were claimed. */
  const claim = async (times: number, free = 1) => {
    const keys: string[] = [];
    for (let n = 0; n < times; n++) keys.push(...(await domain.claim(worker, free)).map(({ title }) => title));
    return keys.join('');
  };
  /** Copies the newest run so often that nobody can read the whole line. */
  const multiply = async (many: number, key = `'a' || n`) => {
    const all =
      store.kind === 'sqlite'
        ? 'PRAGMA table_info(runs)'
        : `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'runs' AND table_schema = current_schema()`;
    const names = (await domain.database.read.query<{ name: string }[]>(all)).map(({ name }) => name);
    const other: Record<string, string> = { id: `r.id || '-' || n`, attempt: 'n + 1', concurrency_key: key };
    const series = `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${many})`;
    const quoted = names.map((name) => `"${name}"`).join(', ');
    const values = names.map((name) => other[name] ?? `r."${name}"`).join(', ');
    await domain.database.write((manager) =>
      manager.query(
        `INSERT INTO runs (${quoted}) ${series} SELECT ${values} FROM series, (SELECT * FROM runs ORDER BY id DESC LIMIT 1) r`,
      ),
    );
  };

  it('let a key with many runs hold up no other key', async () => {
    await submit('A', 30);
    expect(await claim(3)).toBe('AAA');
    await submit('B', 2);
    await submit('C');
    expect(await claim(6)).toBe('BCABAA');
  });

  it('are taken within one claim, too', async () => {
    await submit('A', 30);
    await submit('B', 5);
    expect(await claim(2, 4)).toBe('ABABABAB');
  });

  it('leave what has no key at its place', async () => {
    await submit('A', 2);
    domain.pass(10);
    await submit(undefined);
    domain.pass(10);
    await submit('B');
    expect(await claim(4)).toBe('AB-A');
  });

  it('cost nobody without a key more than the places before it', async () => {
    await submit('A', 3);
    domain.pass(10);
    await submit(undefined);
    const order = [];
    for (const key of ['B', 'C', 'D', 'E']) {
      domain.pass(10);
      await submit(key);
      order.push(await claim(1));
    }
    expect(order.join('')).toBe('ABC-');
    expect(await claim(5)).toBe('DEAA');
  });

  it('keep the runs of a key in order', async () => {
    const ids = await submit('A', 4);
    domain.pass(10);
    await submit('B', 2);
    const order: string[] = [];
    for (let n = 0; n < 6; n++) order.push(...(await domain.claim(worker)).map(({ taskId }) => taskId));
    expect(order.filter((id) => ids.includes(id))).toEqual(ids);
  });

  it('are taken among equals: priority goes first, and ages as ever', async () => {
    await submit('A', 3);
    await submit('B', 1, { priority: -5 });
    expect(await claim(1)).toBe('A');
    domain.pass(6000);
    await submit('C', 1);
    expect(await claim(4)).toBe('CABA');
  });

  it('pass over keys without room', async () => {
    await submit('A', 20, { limit: 1 });
    await submit('B', 20, { limit: 2 });
    await submit(undefined, 2);
    expect([...(await claim(8))].sort().join('')).toBe('--ABB');
    expect(await claim(1, 10)).toBe('');
  });

  it('come to every key, however many there are, and to what stands behind a long line', async () => {
    await submit('first', 1, { limit: 1 });
    await multiply(5000, `'first'`);
    await submit('Z', 2, { limit: 1 });
    expect(await claim(2)).toBe('firstZ');
    await submit(undefined);
    expect(await claim(1)).toBe('-');
    await submit('M', 1, { limit: 1 });
    await multiply(400);
    const keys = await claim(300, 1);
    expect(keys.length).toBe(300);
  });

  it('tell a task how many really go before it', async () => {
    await submit('A', 30);
    const [first, second] = await submit('B', 2);
    await claim(1);
    const ahead = async (id: string | undefined) => (await domain.tasks.explain(id ?? '')).ahead;
    expect([await ahead(first), await ahead(second)]).toEqual([0, 2]);
  });

  it('are forgotten after a day', async () => {
    await submit('A', 2);
    await claim(1);
    const rows = async () => (await domain.database.read.query<unknown[]>('SELECT * FROM key_turns')).length;
    await domain.reaper.sweep();
    expect(await rows()).toBe(1);
    domain.pass(86_500_000);
    await domain.reaper.sweep();
    expect(await rows()).toBe(0);
  });
});
