import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { filterSql } from '../tasks/filter-sql.js';
import { TasksRepository } from '../tasks/tasks.repository.js';
import { describeOnEachEngine, describeOnPostgres } from '../testing/databases.js';
import { emptyDatabase, type TestDatabase } from '../testing/empty-database.js';
import { kindOf } from './columns.js';
import { postgresSource, sqlitePath, sqliteSource } from './data-source.js';
import { FindTasksByText1795370000007 } from './migrations/1795370000007-find-tasks-by-text.js';
import { openDatabase, type Database } from './database.js';

/** A task as plain SQL, for databases in which the entities do not fit yet. */
async function insert(on: Pick<EntityManager, 'query'>, id: string, search: string, labels: string) {
  await on.query(
    `INSERT INTO tasks (id, title, status, current_run_id, run_count, executor, prompt_preview, pool, labels, requirements,
      priority, concurrency_limit, retries, backoff, demo, submitted_by, created_at, updated_at)
    VALUES ('${id}', '', 'queued', '', 1, 'command', '', 'default', '${labels}', '[]', 0, 1, 0, '{}', false, 'me', 1, 1)`,
  );
  await on.query(`INSERT INTO run_specs (task_id, spec, search) VALUES ('${id}', '{}', '${search}')`);
}

const repository = new TasksRepository();
const find = async (database: Database, filter: { q?: string; label?: string[] }) => {
  const wanted = filterSql(filter, { kind: database.kind, now: 0, caller: 'me' });
  return (await repository.list(database.read, wanted, 'createdAt', null, 10)).rows.map(({ id }) => id);
};

describeOnEachEngine('text search', (kind) => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await emptyDatabase(kind);
  });
  afterEach(() => place.drop());

  /** Does something to the tables as they were before they could be searched. */
  async function before(work: (source: DataSource) => Promise<void>): Promise<void> {
    await (await openDatabase(place.url)).close();
    const source = await (
      kind === 'sqlite' ? sqliteSource(sqlitePath(place.url)) : postgresSource(place.url)
    ).initialize();
    const runner = source.createQueryRunner();
    try {
      await new FindTasksByText1795370000007().down(runner);
      await source.query(`DELETE FROM migrations WHERE name = 'FindTasksByText1795370000007'`);
      await work(source);
    } finally {
      await runner.release();
      await source.destroy();
    }
  }

  it('finds what was there before, what came and changed since, and nothing that was deleted', async () => {
    await before((source) => insert(source.manager, 'old', 'the old needle', '["left"]'));
    const database = await openDatabase(place.url);
    try {
      expect(await find(database, { q: 'old need' })).toEqual(['old']);
      expect(await find(database, { label: ['left'] })).toEqual(['old']);
      await database.write(async (manager) => {
        await insert(manager, 'new', 'a new "needle"', '["left","right"]');
        await insert(manager, 'gone', 'a needle that goes', '["left"]');
      });
      expect(await find(database, { q: '"needle"' })).toEqual(['new']);
      expect(await find(database, { q: 'needle', label: ['left', 'right'] })).toEqual(['new']);
      await database.write(async (manager) => {
        await repository.updateSearch(manager, 'old', 'renamed');
        await repository.update(manager, 'old', { labels: ['up'] });
        await repository.delete(manager, 'gone');
      });
      expect(await find(database, { q: 'needle' })).toEqual(['new']);
      expect(await find(database, { label: ['left'] })).toEqual(['new']);
      expect(await find(database, { q: 'renamed', label: ['up'] })).toEqual(['old']);
    } finally {
      await database.close();
    }
  });

  it('reads no table from end to end', async () => {
    const database = await openDatabase(place.url);
    try {
      const plan = await database.write(async (manager) => {
        if (kindOf(manager) === 'postgres') await manager.query('SET LOCAL enable_seqscan = off');
        const sql =
          kind === 'sqlite'
            ? `EXPLAIN QUERY PLAN SELECT t.id FROM tasks t INNER JOIN task_numbers n ON n.task_id = t.id
               INNER JOIN task_search f ON f.rowid = n.number WHERE f.task_search MATCH 'search : "needle"'`
            : `EXPLAIN SELECT task_id FROM run_specs WHERE search LIKE '%needle%'`;
        return JSON.stringify(await manager.query(sql));
      });
      expect(plan).toContain(kind === 'sqlite' ? 'VIRTUAL TABLE INDEX' : 'run_specs_by_text');
      if (kind === 'sqlite') expect(plan).not.toMatch(/SCAN [tn]\b/);
    } finally {
      await database.close();
    }
  });
});

describeOnPostgres('text search where no extension may be added', () => {
  it('finds the same, more slowly', async () => {
    const place = await emptyDatabase('postgres');
    const owner = await postgresSource(place.url).initialize();
    const role = `corch_plain_${process.pid}`;
    const url = new URL(place.url);
    url.username = role;
    try {
      await owner.query(`CREATE ROLE ${role} LOGIN`);
      await owner.query(`GRANT ALL ON SCHEMA public TO ${role}`);
      const database = await openDatabase(url.href);
      try {
        expect(await owner.query(`SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'`)).toEqual([]);
        await database.write((manager) => insert(manager, 'one', '100% of a_needle', '["left"]'));
        expect(await find(database, { q: '0% of a_n' })).toEqual(['one']);
        expect(await find(database, { q: '0_ of a%n' })).toEqual([]);
        expect(await find(database, { label: ['left'] })).toEqual(['one']);
      } finally {
        await database.close();
      }
    } finally {
      await owner.destroy();
      await place.drop();
    }
  });
});
