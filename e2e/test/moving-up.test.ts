import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root, startStack, type Stack } from '../src/stack.js';
import { openStore, type StorePlace } from '../src/store.js';

let stack: Stack;
let place: StorePlace;
beforeAll(async () => {
  place = await openStore('postgres');
  // The worker waits while its orchestrator moves.
  stack = await startStack({ env: { LOST_AFTER_CAP_MS: '60000' } });
});
afterAll(async () => {
  await stack.stop();
  await place.drop();
});

const db = (args: string[], env: Record<string, string> = {}) =>
  stack.corch(['db', ...args, '--data', stack.data], env);
let repositories = 0;
const ended = async () => {
  const path = stack.repository(`shop-${++repositories}`);
  const task = await stack.submit({ prompt: '[[scenario:edits]]', repository: { path } });
  return stack.until(task.id);
};

describe('the database', () => {
  it('is left alone by words that mean nothing', async () => {
    const program = join(root, 'apps/orchestrator/dist/maintain.js');
    const ended = await stack.run(program, ['bakup', join(stack.folder, 'file')], { DATA_DIR: stack.data }).ended;
    expect(ended).toMatchObject({ code: 6, stderr: expect.stringContaining('There is no bakup') });
  });

  it('comes back from a backup that was made while it was used', async () => {
    const kept = await ended();
    const file = join(stack.folder, 'backup.sqlite');
    expect(await db(['backup', file])).toMatchObject({ code: 0, stdout: `${file}\n` });
    const later = await ended();
    expect(await db(['restore', file])).toMatchObject({ code: 6, stderr: expect.stringContaining('in use') });

    await stack.orchestrator.stop();
    expect(await db(['restore', file])).toMatchObject({ code: 0, stderr: expect.stringContaining('before-') });
    await stack.startOrchestrator();
    expect(await stack.client.readTask({ params: { taskId: kept.id } })).toMatchObject({ status: 'succeeded' });
    await expect(stack.client.readTask({ params: { taskId: later.id } })).rejects.toMatchObject({ status: 404 });
  });

  it('moves from SQLite to PostgreSQL with everything, and the same worker goes on', async () => {
    const before = await ended();
    const said = await stack.events(before.currentRunId);
    expect(await db(['copy'], place.env)).toMatchObject({ code: 6, stderr: expect.stringContaining('in use') });

    await stack.orchestrator.stop();
    const copied = await db(['copy', '--json'], place.env);
    expect(copied).toMatchObject({ code: 0 });
    expect(JSON.parse(copied.stdout)).toMatchObject({
      tables: expect.arrayContaining([{ table: 'tasks', rows: 2, checksum: expect.stringMatching(/^[0-9a-f]{32}$/) }]),
    });
    expect(await db(['copy'], place.env)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('holds something'),
    });

    // The password of what is backed up is on no command line. A stand-in for pg_dump says what it was given.
    const bin = join(stack.folder, 'bin');
    mkdirSync(bin);
    const standIn = '#!/bin/sh\nfor word; do case "$word" in --file=*) file=${word#--file=};; esac; done\n';
    writeFileSync(join(bin, 'pg_dump'), `${standIn}echo "$@ with $PGPASSWORD" > "$file"\n`, { mode: 0o755 });
    const url = 'postgres://corch:a%20secret@db.example.com/corch?sslmode=verify-full';
    const env = { ...stack.cleanEnv, PATH: `${bin}:${process.env.PATH}`, DATABASE_URL: url, DATA_DIR: stack.data };
    const backups = join(stack.folder, 'backups');
    const kept = execFileSync('sh', [join(root, 'deploy/backup.sh'), backups], { env, encoding: 'utf8' }).trim();
    expect(readdirSync(kept).sort()).toEqual(['admin.key', 'corch.dump']);
    expect(readFileSync(join(kept, 'corch.dump'), 'utf8')).toMatch(
      /postgres:\/\/corch@db\.example\.com\/corch\?sslmode=verify-full with a secret$/m,
    );

    await stack.startOrchestrator(place.env);
    const health = await (await fetch(`${stack.url}/health`)).json();
    expect(health).toMatchObject({ checks: { database: { detail: expect.stringMatching(/^postgres/) } } });
    expect(await stack.client.readTask({ params: { taskId: before.id } })).toEqual(before);
    expect(await stack.events(before.currentRunId)).toEqual(said);
    expect((await stack.corch(['diff', before.id])).stdout).toContain('diff --git');
    expect(await ended()).toMatchObject({ status: 'succeeded', currentRun: { workerId: before.currentRun.workerId } });
  });
});
