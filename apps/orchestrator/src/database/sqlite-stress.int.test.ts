import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { emptyDatabase, type TestDatabase } from '../testing/empty-database.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { mountTinyDisk } from '../testing/tiny-disk.js';
import { sqlitePath } from './data-source.js';
import { Database, openDatabase } from './database.js';

const prompt = 'x'.repeat(40_000);

async function submit(test: TestApp, key: string) {
  const url = '/api/v1/tasks';
  const answer = await test.app.inject({ method: 'POST', url, headers: bearer(key), payload: { prompt } });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
}

async function expectWhole(test: TestApp, accepted: number): Promise<void> {
  const { read } = test.app.get(Database);
  const [main] = await read.query<{ file: string }[]>('PRAGMA database_list');
  // In a connection of its own: one that is open for long checks full-text tables (SQLite 3.45.1) against what it remembers of them.
  const fresh = new Libsql(main?.file ?? '', { readonly: true });
  expect(fresh.prepare('PRAGMA integrity_check').all([])).toEqual([{ integrity_check: 'ok' }]);
  fresh.close();
  const found = `SELECT count(*) AS found FROM task_search WHERE task_search MATCH 'xxx'`;
  expect(await read.query(found)).toEqual([{ found: accepted }]);
  const counts = await read.query<Record<string, number>[]>(
    'SELECT (SELECT count(*) FROM tasks) tasks, (SELECT count(*) FROM runs) runs, (SELECT count(*) FROM run_specs) specs',
  );
  expect(counts).toEqual([{ tasks: accepted, runs: accepted, specs: accepted }]);
}

/** Submits until the first refusal; returns how many were accepted. */
async function fill(test: TestApp, key: string) {
  for (let accepted = 0; ; accepted++) {
    const answer = await submit(test, key);
    if (answer.status !== 202) return { accepted, answer };
  }
}

describe('a SQLite database without room', () => {
  it('refuses with a clear error, keeps what was accepted, and goes on when there is room', async () => {
    const test = await openTestApp();
    try {
      const key = await test.key('submit');
      const database = test.app.get(Database);
      await database.write((manager) => manager.query('PRAGMA max_page_count = 400'));
      const { accepted, answer } = await fill(test, key);
      expect(accepted).toBeGreaterThan(3);
      expect(answer).toMatchObject({ status: 507, body: { code: 'storage_full', retryable: true } });
      expect(answer.headers['retry-after']).toBe('5');
      expect(await submit(test, key)).toMatchObject({ status: 507 });
      await expectWhole(test, accepted);
      expect(test.log.filter(({ level }) => level === 'error')).toEqual([]);
      await database.write((manager) => manager.query('PRAGMA max_page_count = 4000'));
      expect(await submit(test, key)).toMatchObject({ status: 202 });
      await expectWhole(test, accepted + 1);
    } finally {
      await test.close();
    }
  });

  const disk = mountTinyDisk(8);
  afterAll(() => disk?.unmount());
  const onDisk = disk === null ? it.skip : it;
  onDisk(
    `survives a full disk${disk === null ? ' (skipped: no file system can be mounted here; it takes root)' : ''}`,
    async () => {
      const path = disk?.path ?? '';
      const test = await openTestApp({ env: { DATABASE_URL: `sqlite:${join(path, 'corch.sqlite')}` } });
      try {
        const key = await test.key('submit');
        const filler = join(path, 'filler');
        await writeFile(filler, Buffer.alloc(3_000_000));
        const { accepted, answer } = await fill(test, key);
        expect(answer).toMatchObject({ status: 507, body: { code: 'storage_full' } });
        await expectWhole(test, accepted);
        await rm(filler);
        expect(await submit(test, key)).toMatchObject({ status: 202 });
        await expectWhole(test, accepted + 1);
      } finally {
        await test.close();
      }
    },
  );
});

describe('a SQLite database whose process is killed', () => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await emptyDatabase('sqlite');
    await (await openDatabase(place.url)).close();
  });
  afterEach(() => place.drop());

  it('is whole afterwards and holds everything that was said to be kept', async () => {
    const program = fileURLToPath(new URL('../testing/write-until-killed.ts', import.meta.url));
    let kept = 0;
    for (let round = 0; round < 4; round++) {
      const args = ['--conditions=corch-source', '--import', 'tsx', program, place.url, String(kept)];
      const child = spawn(process.execPath, args, {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      let said = '';
      for await (const part of child.stdout.setEncoding('utf8')) {
        said += String(part);
        // In the middle of the next transaction, most likely.
        if (said.split('\n').length > 20 + round) child.kill('SIGKILL');
      }
      await exited;
      const last = Number(said.split('\n').slice(0, -1).at(-1));
      const database = await openDatabase(place.url);
      expect(await database.read.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      const rows = await database.read.query<{ n: number; parts: number }[]>(
        "SELECT created_at n, count(*) parts FROM pools WHERE name LIKE '%-%' GROUP BY created_at ORDER BY n",
      );
      await database.close();
      // One more than was said may be there, whole; its number was on the way when the process died.
      kept = rows.length;
      expect(kept).toBeGreaterThan(last);
      expect(kept).toBeLessThanOrEqual(last + 2);
      expect(rows).toEqual(rows.map((_, n) => ({ n, parts: 20 })));
    }
  });
});

describe('a damaged SQLite database', () => {
  it('is refused by name after a kill', async () => {
    const place = await emptyDatabase('sqlite');
    const path = sqlitePath(place.url);
    try {
      const database = await openDatabase(place.url);
      await database.close();
      const bytes = await readFile(path);
      // The first page of a table, which is found only by looking at all of them.
      bytes.fill(0xff, 4096 * 3, 4096 * 3 + 200);
      await writeFile(path, bytes);
      await writeFile(`${path}-wal`, 'left behind');
      await expect(openDatabase(place.url)).rejects.toMatchObject({
        code: 'database_damaged',
        hint: expect.stringContaining('backup'),
      });
    } finally {
      await place.drop();
    }
  });
});

describe('a SQLite database that another program has locked', () => {
  let test: TestApp;
  let other: Libsql.Database;
  let key: string;
  beforeEach(async () => {
    test = await openTestApp();
    key = await test.key('submit');
    const url = (await test.app.get(Database).read.query<{ file: string }[]>('PRAGMA database_list'))[0]?.file ?? '';
    other = new Libsql(sqlitePath(url));
    other.exec('BEGIN IMMEDIATE');
  });
  afterEach(async () => {
    other.close();
    await test.close();
  });

  it('is waited for, while everything else goes on', async () => {
    const answer = submit(test, key);
    expect((await test.app.inject({ url: '/livez' })).statusCode).toBe(204);
    const list = await test.app.inject({ url: '/api/v1/tasks', headers: bearer(key) });
    expect(list.json()).toMatchObject({ total: { value: 0 } });
    other.exec('COMMIT');
    expect((await answer).status).toBe(202);
  });

  it('refuses many writes together, in the end, with an error that says to come back', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(test, key)));
    for (const { status, headers, body } of answers) {
      expect({ status, code: body['code'], after: headers['retry-after'] }).toEqual({
        status: 503,
        code: 'unavailable',
        after: '1',
      });
    }
    other.exec('COMMIT');
    expect((await submit(test, key)).status).toBe(202);
    await expectWhole(test, 1);
    // One after the other they would give up after 100 s.
  }, 60_000);
});
