import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { DatabaseKind } from './columns.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { emptyDatabase, type TestDatabase } from '../testing/empty-database.js';
import { openDatabase, openForMigrations } from './database.js';
import { migrations } from './migrations/index.js';
import { undoMigrations } from './undo.js';

const names = migrations.map(({ name }) => name);
const newest = names.at(-1) ?? '';

type Tables = Record<string, Record<string, unknown>[]>;

const tableNames = {
  sqlite: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
};

/** Every row of every table of ours. */
async function everything(kind: DatabaseKind, source: DataSource): Promise<Tables> {
  const tables: Tables = {};
  for (const { name } of await source.query<{ name: string }[]>(tableNames[kind])) {
    if (!/^(migrations|typeorm_metadata)$/.test(name)) tables[name] = await source.query(`SELECT * FROM ${name}`);
  }
  return tables;
}

/** Of `all` what has a place in `shape`, too, in the same order. */
function within(all: Tables, shape: Tables): Record<string, string[]> {
  const inShape = ([table, [first = {}]]: [string, Record<string, unknown>[]]): [string, string[]] => {
    const columns = Object.keys(first);
    const kept = (all[table] ?? []).map((row) => columns.map((column) => row[column]));
    return [table, kept.map((row) => JSON.stringify(row)).sort()];
  };
  return Object.fromEntries(Object.entries(shape).map(inShape));
}

/** Tasks that wait, run and have ended, with lines. */
async function fill(domain: Domain): Promise<void> {
  const worker = await domain.worker();
  for (let n = 0; n < 3; n++) await domain.submit({ concurrencyKey: 'key', concurrencyLimit: 2, title: 'a "title"' });
  await domain.submit({ startAt: new Date(domain.clock.now + 3_600_000).toISOString() });
  const [first, second] = await domain.claim(worker, 2);
  for (const run of [first, second]) {
    if (run === undefined) throw new Error('nothing to claim');
    await domain.leases.reportStart(run.runId, { epoch: run.epoch, branch: 'corch/a', baseCommit: null });
    await domain.transcripts.append(run.runId, { epoch: run.epoch, firstN: 1, events: makeLines(1, 3) });
  }
  if (first) await domain.finish(first, { lastN: 3, costUsd: 0.25 });
}

describeOnEachEngine('undoMigrations', (kind) => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await emptyDatabase(kind);
  });
  afterEach(() => place.drop());

  const look = async () => {
    const source = await openForMigrations(place.url);
    try {
      const rows = await source.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY timestamp');
      return { applied: rows.map(({ name }) => name), tables: await everything(kind, source) };
    } finally {
      await source.destroy();
    }
  };

  it('goes back step by step and forth again with all data', async () => {
    const domain = await openDomain(kind, {}, { databaseUrl: place.url, clock: { now: Date.now() } });
    await fill(domain);
    await domain.close();
    const whole = await look();
    for (let at = names.length - 1; at > 0; at--) {
      const last = names[at - 1] ?? '';
      expect(await undoMigrations(place.url, last)).toEqual([names[at]]);
      const older = await look();
      expect(older.applied).toEqual(names.slice(0, at));
      expect({ last, runs: older.tables['runs']?.length }).toEqual({ last, runs: 4 });
      // What has a place in the older tables is there as it was.
      expect({ last, ...within(older.tables, older.tables) }).toEqual({ last, ...within(whole.tables, older.tables) });
    }
    const oldest = await look();
    await (await openDatabase(place.url)).close();
    const again = await look();
    expect(again.applied).toEqual(names);
    expect(within(again.tables, oldest.tables)).toEqual(within(oldest.tables, oldest.tables));
  });

  it.each([5, 15])('goes back from the newest to number %i at once, and forth', async (at) => {
    const domain = await openDomain(kind, {}, { databaseUrl: place.url, clock: { now: Date.now() } });
    await fill(domain);
    await domain.close();
    const last = names[at - 1] ?? '';
    expect(await undoMigrations(place.url, last)).toEqual(names.slice(at).reverse());
    expect(await undoMigrations(place.url, last)).toEqual([]);
    const older = await look();
    await (await openDatabase(place.url)).close();
    const again = await look();
    expect(again.applied).toEqual(names);
    expect(within(again.tables, older.tables)).toEqual(within(older.tables, older.tables));
  });

  it('keeps everything when it may not', async () => {
    await (await openDatabase(place.url)).close();
    const refused = undoMigrations(place.url, names[0] ?? '', () => Promise.reject(new Error('it is used')));
    await expect(refused).rejects.toThrow('it is used');
    expect((await look()).applied).toEqual(names);
  });

  it('names the migrations that there are', async () => {
    await (await openDatabase(place.url)).close();
    await expect(undoMigrations(place.url, 'Nothing1')).rejects.toMatchObject({
      code: 'bad_config',
      hint: expect.stringContaining(newest),
    });
  });
});
