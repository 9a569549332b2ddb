import type { EventBody } from '@corch/contract';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spool } from './spool.js';
import { pretendDisk } from './testing/full-disk.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (value: string): EventBody => ({ type: 'text', text: value });
const start = { nextN: 1, position: 0 };
const file = () => join(folder, 'spool.ndjson');

async function readAll(spool: Spool, maxBytes = 1000): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = start; ;) {
    const batch = await spool.read(cursor, maxBytes);
    if (batch === null) return found;
    expect(batch.firstN).toBe(found.length + 1);
    found.push(...batch.events.map((event) => (event.type === 'text' ? event.text : event.type)));
    cursor = batch.next;
  }
}

describe('Spool', () => {
  it('keeps what follows a line or paragraph separator when it is opened again', async () => {
    const spool = await Spool.open(folder);
    const said = ['a\u2028b', 'c\u2029d\r\u0085e', 'f'];
    for (const value of said) await spool.append([text(value)]);
    await spool.close();
    const again = await Spool.open(folder);
    expect(again.lastN).toBe(3);
    expect(await readAll(again)).toEqual(said);
    await again.close();
  });

  it('numbers events and gives them back in batches', async () => {
    const spool = await Spool.open(folder);
    await spool.append([text('a'), text('b')], { stdout: 10, stderr: 3 });
    await spool.append([text('c'.repeat(300))], { stdout: 20 });
    await spool.append([text('d')]);
    expect([spool.lastN, spool.offsets]).toEqual([4, { stdout: 20, stderr: 3 }]);
    for (const maxBytes of [1, 100, 10_000]) {
      expect(await readAll(spool, maxBytes)).toEqual(['a', 'b', 'c'.repeat(300), 'd']);
    }
    expect(await spool.read(await spool.seek(5), 100)).toBeNull();
    expect((await spool.read(await spool.seek(2), 1))?.events[0]).toMatchObject({ text: 'b' });
    await spool.close();
  });

  it('goes on after a restart', async () => {
    const first = await Spool.open(folder);
    await first.append([text('a')], { stdout: 10, stderr: 4 });
    await first.saveCursor({ nextN: 2, position: statSync(file()).size });
    await first.close();
    const second = await Spool.open(folder);
    expect([second.lastN, second.offsets]).toEqual([1, { stdout: 10, stderr: 4 }]);
    await second.append([text('b')], { stdout: 30 });
    expect(await second.read(await second.loadCursor(), 1000)).toMatchObject({ firstN: 2, events: [{ text: 'b' }] });
    await second.close();
  });

  it('drops an append that a crash cut off, at every byte', async () => {
    const first = await Spool.open(folder);
    await first.append([text('a')], { stdout: 10 });
    const kept = statSync(file()).size;
    await first.append([text('b'), text('c')], { stdout: 20, stderr: 5 });
    await first.close();
    const whole = readFileSync(file());
    for (let size = kept; size < whole.length; size++) {
      truncateSync(file(), 0);
      appendFileSync(file(), whole.subarray(0, size));
      const spool = await Spool.open(folder);
      expect([spool.lastN, spool.offsets]).toEqual([1, { stdout: 10, stderr: 0 }]);
      await spool.append([text('again')], { stdout: 20 });
      expect((await readAll(spool)).at(-1)).toBe('again');
      await spool.close();
    }
  });

  it('keeps what is small when a run says too much, and says so once', async () => {
    const spool = await Spool.open(folder, 500);
    for (let i = 0; i < 20; i++) await spool.append([text('x'.repeat(100))]);
    await spool.append([{ type: 'exit', outcome: 'succeeded', code: 0, signal: null, text: '' }]);
    const kept = await readAll(spool);
    expect(kept.filter((entry) => entry === 'gap')).toHaveLength(1);
    expect(kept.at(-1)).toBe('exit');
    expect(kept.length).toBeLessThan(8);
    await spool.close();
  });

  it('numbers without a hole when the disk was full meanwhile', async () => {
    const disk = await pretendDisk();
    const spool = await Spool.open(folder);
    await spool.append([text('a')]);
    disk.isFull = true;
    await expect(spool.append([text('lost'), text('too')])).rejects.toMatchObject({ cause: { code: 'ENOSPC' } });
    expect(spool.lastN).toBe(1);
    disk.isFull = false;
    await spool.append([text('b')]);
    disk.restore();
    expect(await readAll(spool)).toEqual(['a', 'b']);
    await spool.close();
    const again = await Spool.open(folder);
    expect([again.lastN, await readAll(again)]).toEqual([2, ['a', 'b']]);
    await again.close();
  });
});
