import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PoolRow } from '../workers/pool.entity.js';
import { EventChunkRow } from '../runs/run-event.entity.js';
import { describeOnEachDatabase, describeOnEachEngine } from '../testing/databases.js';
import { emptyDatabase, type TestDatabase } from '../testing/empty-database.js';
import { postgresSource, sqlitePath, sqliteSource } from './data-source.js';
import { openDatabase } from './database.js';
import { migrations } from './migrations/index.js';

describeOnEachDatabase('Database', (open) => {
  const names = async (reader = open().read) =>
    (await reader.createQueryBuilder(PoolRow, 'p').getMany()).map(({ name }) => name);
  const insert = (manager: ReturnType<typeof open>['read'], name: string) =>
    manager
      .createQueryBuilder()
      .insert()
      .into(PoolRow)
      .values({ name, paused: false, concurrency: null, lostAfterCapMs: null, createdAt: 1_800_000_000_123 })
      .updateEntity(false)
      .execute();

  it('keeps what a transaction wrote, and hands numbers and booleans back as such', async () => {
    await open().write(async (manager) => insert(manager, 'kept'));
    const row = await open().read.createQueryBuilder(PoolRow, 'p').where({ name: 'kept' }).getOneOrFail();
    expect(row).toEqual({
      name: 'kept',
      paused: false,
      concurrency: null,
      lostAfterCapMs: null,
      createdAt: 1_800_000_000_123,
    });
  });

  it('drops everything of a transaction that throws, and tells nobody', async () => {
    let told = false;
    const work = open().write(async (manager, afterCommit) => {
      afterCommit(() => (told = true));
      await insert(manager, 'lost');
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await names()).not.toContain('lost');
    expect(told).toBe(false);
  });

  it('shows readers nothing that is not committed, and tells after the commit', async () => {
    const seen: string[][] = [];
    const reader = open().read;
    await open().write(async (manager, afterCommit) => {
      await insert(manager, 'soon');
      seen.push(await names(reader));
      afterCommit(() => seen.push(['told']));
    });
    seen.push(await names());
    expect(seen[0]).not.toContain('soon');
    expect(seen[1]).toEqual(['told']);
    expect(seen[2]).toContain('soon');
  });

  it('refuses a write inside a write, which would wait for itself', async () => {
    await expect(open().write(() => open().write(() => Promise.resolve()))).rejects.toThrow('inside write()');
  });

  it('refuses to read past the transaction, which would need a second connection', async () => {
    await expect(open().write(() => names())).rejects.toThrow('inside write()');
    await open().write((_, afterCommit) => Promise.resolve(afterCommit(() => void open().read)));
  });

  it('holds bytes, also as the only parameter', async () => {
    const data = Buffer.from([0, 1, 255]);
    const kind = open().kind;
    const sql = kind === 'sqlite' ? 'SELECT ? AS data' : 'SELECT $1::bytea AS data';
    const [row] = await open().read.query<{ data: Buffer }[]>(sql, [data]);
    expect(Buffer.compare(row?.data ?? Buffer.alloc(0), data)).toBe(0);
    expect(open().read.dataSource.getMetadata(EventChunkRow).findColumnWithPropertyName('data')?.type).toBe('blob');
  });

  it('runs many transactions at once without losing one', async () => {
    await open().write((manager) => insert(manager, 'counter'));
    await Promise.all(
      Array.from({ length: 40 }, () =>
        open().write((manager) => manager.query(`UPDATE pools SET created_at = created_at + 1 WHERE name = 'counter'`)),
      ),
    );
    const row = await open().read.createQueryBuilder(PoolRow, 'p').where({ name: 'counter' }).getOneOrFail();
    expect(row.createdAt).toBe(1_800_000_000_163);
  });
});

describeOnEachEngine('migrations', (kind) => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await emptyDatabase(kind);
  });
  afterEach(() => place.drop());
  const source = () => (kind === 'sqlite' ? sqliteSource(sqlitePath(place.url)) : postgresSource(place.url));

  it('leave nothing that the entities would add or change', async () => {
    await (await openDatabase(place.url)).close();
    const opened = await source().initialize();
    try {
      const drift = async () =>
        (await opened.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query).join('\n');
      expect(await drift()).toBe('');
      await opened.query('ALTER TABLE runs DROP COLUMN base_commit');
      expect(await drift()).toContain('base_commit');
    } finally {
      await opened.destroy();
    }
  });

  it('run once when several orchestrators start at the same time, and not again', async () => {
    const opened = await Promise.all(Array.from({ length: 3 }, () => openDatabase(place.url)));
    const applied = await opened[0]?.read.query<{ name: string }[]>('SELECT name FROM migrations');
    await Promise.all(opened.map((database) => database.close()));
    expect(applied?.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
  });

  it('refuse a database that a newer version changed', async () => {
    const database = await openDatabase(place.url);
    await database.write((manager) =>
      manager.query(`INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'FromTheFuture1999999999999')`),
    );
    await database.close();
    await expect(openDatabase(place.url)).rejects.toMatchObject({
      code: 'database_newer',
      message: expect.stringContaining('FromTheFuture1999999999999'),
    });
  });

  it('go back to nothing', async () => {
    await (await openDatabase(place.url)).close();
    const opened = await source().initialize();
    try {
      for (let left = migrations.length; left > 0; left--) await opened.undoLastMigration({ transaction: 'none' });
      expect(await opened.createQueryRunner().hasTable('runs')).toBe(false);
    } finally {
      await opened.destroy();
    }
  });
});

describe('openDatabase', () => {
  it('says what to do when the file cannot be opened', async () => {
    await expect(openDatabase('sqlite:/dev/null/corch.sqlite')).rejects.toMatchObject({ code: 'data_not_writable' });
  });

  it('says what to do when PostgreSQL does not answer', async () => {
    await expect(openDatabase('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'database_unreachable',
      hint: expect.stringContaining('DATABASE_URL'),
    });
  });
});
