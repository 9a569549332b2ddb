import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { sqlitePath, sqliteSource } from '../database/data-source.js';
import { openDatabase, openForMigrations } from '../database/database.js';
import { describeOnPostgres } from '../testing/databases.js';
import { makeLines, openDomain, type Domain } from '../testing/domain.js';
import { emptyDatabase, type TestDatabase } from '../testing/empty-database.js';
import { copyDatabase } from './copy-database.js';

/** A database with tasks in each state, lines with every kind of character, and files. */
async function fill(domain: Domain): Promise<string> {
  const worker = await domain.worker();
  for (let n = 0; n < 700; n++) await domain.submit({ title: `n ${n} “Ümläut” 😀\n\t`, labels: [`n=${n}`] });
  const [first, second] = await domain.claim(worker, 2);
  if (first === undefined || second === undefined) throw new Error('nothing to claim');
  await domain.transcripts.append(first.runId, { epoch: first.epoch, firstN: 1, events: makeLines(1, 40) });
  await domain.finish(first, { lastN: 40, costUsd: 0.25 });
  await domain.workers.editPool('default', { concurrency: 7, paused: true });
  return first.taskId;
}

describeOnPostgres('copyDatabase', () => {
  let domain: Domain;
  let target: TestDatabase;
  let copy: string;
  let taskId: string;
  beforeAll(async () => {
    domain = await openDomain('sqlite');
    taskId = await fill(domain);
    copy = `${domain.databaseUrl}.copy`;
    // As it is once nobody uses it: everything in one file.
    const source = await openForMigrations(domain.databaseUrl);
    await source.query('VACUUM INTO ?', [sqlitePath(copy)]);
    await source.destroy();
  });
  afterAll(() => domain.close());
  beforeEach(async () => {
    target = await emptyDatabase('postgres');
  });
  afterEach(() => target.drop());

  const onTarget = async <T>(work: (source: DataSource) => Promise<T>): Promise<T> => {
    const source = await openForMigrations(target.url);
    try {
      return await work(source);
    } finally {
      await source.destroy();
    }
  };

  it('brings everything over, proven by counts and checksums, and an orchestrator goes on with it', async () => {
    const copied = await copyDatabase(copy, target.url);
    expect(copied.find(({ table }) => table === 'tasks')?.rows).toBe(700);
    expect(copied.find(({ table }) => table === 'event_chunks')?.rows).toBeGreaterThan(0);
    expect(new Set(copied.map(({ checksum }) => checksum.length))).toEqual(new Set([32]));

    const before = await domain.tasks.read(taskId);
    const next = await openDomain('postgres', {}, { databaseUrl: target.url, clock: domain.clock });
    try {
      expect(await next.tasks.read(taskId)).toEqual({ ...before, url: expect.anything() });
      expect(await next.workers.pools()).toMatchObject([{ name: 'default', concurrency: 7, paused: true }]);
      const [found] = (await next.tasks.list({ q: 'n 699', limit: 5, sort: '-createdAt' }, 'tester')).data;
      expect(found?.title).toContain('n 699');
    } finally {
      await next.close();
    }
  });

  it('goes on where it was cut off, and nobody starts on the half of it', async () => {
    let said = 0;
    const cut = copyDatabase(copy, target.url, (text) => {
      // At the second table, in the middle of everything.
      if (text.startsWith('Copying') && ++said === 3) throw new Error('cut off');
    });
    await expect(cut).rejects.toThrow('cut off');
    await expect(openDatabase(target.url)).rejects.toMatchObject({
      code: 'copy_unfinished',
      hint: expect.stringContaining('corch db copy'),
    });
    const copied = await copyDatabase(copy, target.url);
    expect(copied.find(({ table }) => table === 'tasks')?.rows).toBe(700);
    await (await openDatabase(target.url)).close();
  });

  it('finds what differs', async () => {
    let hasChanged = false;
    const copying = copyDatabase(copy, target.url, (text) => {
      if (text !== 'Comparing …') return;
      hasChanged = true;
      throw new Error('stop before the comparison');
    });
    await expect(copying).rejects.toThrow();
    expect(hasChanged).toBe(true);
    await onTarget((source) => source.query(`UPDATE tasks SET title = 'x' WHERE id = $1`, [taskId]));
    await expect(copyDatabase(copy, target.url)).rejects.toMatchObject({
      code: 'copy_differs',
      message: expect.stringContaining('tasks'),
    });
  });

  it('writes over nothing: neither over work nor over the copy of something else', async () => {
    await (await openDatabase(target.url)).close();
    await onTarget((source) => source.query(`INSERT INTO pools (name, paused, created_at) VALUES ('mine', false, 0)`));
    await expect(copyDatabase(copy, target.url)).rejects.toMatchObject({ code: 'database_not_empty' });
    await onTarget((source) => source.query(`DELETE FROM pools WHERE name = 'mine'`));
    const other = `${copy}.other`;
    await copyFile(sqlitePath(copy), sqlitePath(other));
    await expect(
      copyDatabase(other, target.url, () => {
        throw new Error('cut off');
      }),
    ).rejects.toThrow('cut off');
    await expect(copyDatabase(copy, target.url)).rejects.toMatchObject({ code: 'database_not_empty' });
  });

  it('refuses a file of another version', async () => {
    const other = `${copy}.new`;
    await (await sqliteSource(sqlitePath(other)).initialize()).destroy();
    await expect(copyDatabase(other, target.url)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('no database of this version'),
    });
  });

  it('makes no file where none is', async () => {
    const missing = `${copy}.missing`;
    await expect(copyDatabase(missing, target.url)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('There is no database'),
    });
    expect(existsSync(sqlitePath(missing))).toBe(false);
  });
});
