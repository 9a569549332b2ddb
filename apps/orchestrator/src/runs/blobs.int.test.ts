import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { ClaimedRun } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';

describeOnEachEngine('files of runs', (kind) => {
  let domain: Domain;
  let run: ClaimedRun;
  beforeEach(async () => {
    domain = await openDomain(kind);
    const worker = await domain.worker();
    await domain.submit();
    const [claimed] = await domain.claim(worker);
    if (claimed === undefined) throw new Error('nothing to claim');
    run = claimed;
  });
  afterEach(() => domain.close());

  async function* chunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < data.length; at += size) {
      yield await Promise.resolve(data.subarray(at, at + size));
    }
  }
  const read = async (name: string) => buffer((await domain.blobs.open(run.runId, name)).body);
  const rows = async (table: string) => {
    const [row] = await domain.database.read.query<{ count: number | string }[]>(
      `SELECT count(*) AS count FROM ${table}`,
    );
    return Number(row?.count);
  };

  it.each([
    ['nothing', 0, 1],
    ['a few bytes', 10, 3],
    ['exactly a part', 1_000_000, 65_536],
    ['several parts and a rest', 3_300_001, 65_536],
    ['one large chunk', 2_500_000, 2_500_000],
  ])('come back as they were: %s', async (_, size, chunk) => {
    const data = randomBytes(size);
    await domain.blobs.write(run.runId, 1, 'data.bin', chunks(data, chunk));
    expect(Buffer.compare(await read('data.bin'), data)).toBe(0);
    expect(await domain.blobs.list(run.runId)).toEqual([
      {
        name: 'data.bin',
        contentType: 'application/octet-stream',
        size,
        sha256: createHash('sha256').update(data).digest('hex'),
        createdAt: new Date(domain.clock.now).toISOString(),
      },
    ]);
  });

  it('replace an older file of the same name, with nothing left behind', async () => {
    await domain.blobs.write(run.runId, 1, 'patch.diff', chunks(Buffer.from('old'), 2));
    await domain.blobs.write(run.runId, 1, 'patch.diff', chunks(Buffer.from('newer'), 2));
    expect((await read('patch.diff')).toString()).toBe('newer');
    expect(await rows('blobs')).toBe(1);
    expect(await rows('blob_parts')).toBe(1);
  });

  it('are shown only when they are whole', async () => {
    async function* broken() {
      yield await Promise.resolve(Buffer.alloc(1_500_000));
      expect(await domain.blobs.list(run.runId)).toEqual([]);
      throw new Error('connection lost');
    }
    await expect(domain.blobs.write(run.runId, 1, 'a', broken())).rejects.toThrow('connection lost');
    await expect(domain.blobs.open(run.runId, 'a')).rejects.toMatchObject({ code: 'blob_not_found' });
    expect(await rows('blob_parts')).toBe(0);
  });

  it('are taken from the holder of the lease only, also at the end of a long upload', async () => {
    await expect(domain.blobs.write(run.runId, 2, 'a', chunks(Buffer.from('x'), 1))).rejects.toMatchObject({
      code: 'stale_lease',
    });
    async function* slow() {
      yield await Promise.resolve(Buffer.from('x'));
      await domain.finish(run);
    }
    await expect(domain.blobs.write(run.runId, 1, 'a', slow())).rejects.toMatchObject({ code: 'stale_lease' });
    expect(await rows('blobs')).toBe(0);
  });

  it('of a task that is deleted meanwhile are refused as what they are', async () => {
    async function* slow() {
      yield await Promise.resolve(Buffer.alloc(1_000_000));
      await domain.finish(run);
      await domain.tasks.delete(run.taskId);
      yield Buffer.alloc(1_000_000);
    }
    await expect(domain.blobs.write(run.runId, 1, 'a', slow())).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it('that were broken off by a crash are swept', async () => {
    await domain.blobs.write(run.runId, 1, 'whole', chunks(Buffer.from('x'), 1));
    await domain.blobs.write(run.runId, 1, 'half', chunks(Buffer.from('x'), 1));
    await domain.database.write((manager) => manager.query(`UPDATE blobs SET complete = false WHERE name = 'half'`));
    await domain.reaper.sweep();
    expect(await rows('blobs')).toBe(2);
    domain.pass(3_700_000);
    await domain.reaper.sweep();
    expect((await domain.blobs.list(run.runId)).map(({ name }) => name)).toEqual(['whole']);
    expect(await rows('blobs')).toBe(1);
  });

  it('go with their task', async () => {
    await domain.blobs.write(run.runId, 1, 'a', chunks(Buffer.from('x'), 1));
    await domain.finish(run);
    await domain.tasks.delete(run.taskId);
    for (const table of ['tasks', 'run_specs', 'runs', 'run_results', 'event_chunks', 'blobs', 'blob_parts']) {
      expect([table, await rows(table)]).toEqual([table, 0]);
    }
    await expect(domain.blobs.list(run.runId)).rejects.toMatchObject({ code: 'run_not_found' });
    await expect(
      domain.transcripts.append(run.runId, {
        epoch: 1,
        firstN: 1,
        events: [{ at: '2030-01-01T00:00:00Z', type: 'x' }],
      }),
    ).rejects.toMatchObject({ code: 'run_not_found' });
  });
});
