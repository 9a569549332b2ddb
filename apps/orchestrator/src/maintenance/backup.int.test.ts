import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { openDatabase } from '../database/database.js';
import { sqlitePath, sqliteSource } from '../database/data-source.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { backUp, restore } from './backup.js';

describe('a backup of SQLite', () => {
  let domain: Domain;
  let path: string;
  let file: string;
  beforeEach(async () => {
    domain = await openDomain('sqlite');
    path = sqlitePath(domain.databaseUrl);
    file = join(domain.dataDir, 'backups', 'one.sqlite');
  });
  afterEach(() => domain.close());

  const titles = async (of: string) => {
    const source = await sqliteSource(of).initialize();
    const rows = await source.query<{ title: string }[]>('SELECT title FROM tasks ORDER BY title');
    await source.destroy();
    return rows.map(({ title }) => title);
  };

  it('is whole while the orchestrator writes, and brings everything back', async () => {
    await domain.submit({ title: 'before' });
    let isDone = false;
    const writing = (async () => {
      while (!isDone) {
        await domain.submit({ title: 'meanwhile' });
        // SQLite answers at once: without it nobody else would have a turn.
        await turn();
      }
    })();
    const size = await backUp(path, file);
    isDone = true;
    await writing;
    expect(statSync(file)).toMatchObject({ size, mode: 0o100600 });
    expect(readdirSync(dirname(file))).toEqual(['one.sqlite']);
    const kept = await titles(file);
    expect(kept).toContain('before');

    await domain.database.close();
    const old = await restore(file, path, new Date('2030-01-02T03:04:05.678Z'));
    expect(old).toBe(`${path}.before-2030-01-02T03-04-05-678Z`);
    expect(await titles(path)).toEqual(kept);
    expect((await titles(old ?? '')).length).toBeGreaterThanOrEqual(kept.length);
    await (await openDatabase(domain.databaseUrl)).close();
  });

  it('comes back whole where only the log of the old file was left', async () => {
    await domain.submit({ title: 'kept' });
    await backUp(path, file);
    await domain.submit({ title: 'lost' });
    const log = readFileSync(`${path}-wal`);
    await domain.database.close();
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    writeFileSync(`${path}-wal`, log);
    expect(await restore(file, path, new Date())).toBeNull();
    expect(await titles(path)).toEqual(['kept']);
  });

  it('is never written over', async () => {
    await backUp(path, file);
    await expect(backUp(path, file)).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('is there already'),
    });
  });

  it.each([
    ['no database', 'plain text, and more of it than a header has bytes'.repeat(10)],
    ['an empty file', ''],
  ])('is refused when it is %s, and nothing is changed', async (_, content) => {
    await domain.submit({ title: 'kept' });
    const wrong = join(domain.dataDir, 'wrong.sqlite');
    writeFileSync(wrong, content);
    await expect(restore(wrong, path, new Date())).rejects.toMatchObject({
      code: expect.stringMatching(/bad_config|damaged/),
    });
    expect(await titles(path)).toEqual(['kept']);
  });

  it('is refused when a newer version made it', async () => {
    await backUp(path, file);
    const source = await sqliteSource(file).initialize();
    await source.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`);
    await source.destroy();
    await expect(restore(file, path, new Date())).rejects.toMatchObject({ code: 'database_newer' });
  });

  it('names what is missing', async () => {
    await expect(restore(join(domain.dataDir, 'none'), path, new Date())).rejects.toMatchObject({ code: 'bad_config' });
    await expect(backUp(`${path}.none`, file)).rejects.toMatchObject({ code: 'bad_config' });
    expect(existsSync(`${path}.none`)).toBe(false);
  });
});
