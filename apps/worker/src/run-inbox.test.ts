import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { InboxItem } from '@corch/contract';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from './logger.js';
import { RunFolder } from './run-folder.js';
import { RunInbox, type InboxTaker } from './run-inbox.js';
import { claimedRun } from './testing/pretend-run.js';

const logger = createLogger('silent', (text) => text);
const never = new AbortController().signal;
const runId = 'run_01k00000000000000000000000';

let base: string;
let folder: RunFolder;
let said: { n: number; kind: string }[];
let reads: number[];
let inbox: RunInbox;

type ReadCall = { body: { after?: number }; signal?: AbortSignal };
const answer = ({ body: { after = 0 } }: ReadCall) => {
  reads.push(after);
  return Promise.resolve({ items: said.slice(after, after + 2), inboxN: said.length });
};
const client = { readInbox: answer };

const item = (n: number, kind: string, more: object = {}) => ({
  ...{ n, kind, id: `00000000-0000-4000-8000-00000000000${n}`, by: 'ann', at: '2030-01-01T00:00:00Z' },
  ...more,
});
const message = (n: number) => item(n, 'message', { text: `word ${n}` });

/** Writes down what it is handed, and takes care of it. */
function makeTaker(settles = true): InboxTaker & { took: string[] } {
  const took: string[] = [];
  const take = async ({ n, kind }: InboxItem) => {
    took.push(`${n} ${kind}`);
    if (settles) await inbox.settle(n);
  };
  return { took, message: take, interrupt: take, answer: take };
}

/** Hands over until so many were taken. */
async function handUntil(taker: { took: string[] }, count: number): Promise<void> {
  while (taker.took.length < count) await new Promise(setImmediate);
  await inbox.release();
}

async function openInbox(inboxN = 0): Promise<void> {
  folder = await RunFolder.create(base, claimedRun({ prompt: 'x' }, { runId, inboxN }));
  inbox = await RunInbox.open(folder, client, logger);
}

async function restart(): Promise<void> {
  await inbox.stop();
  await openInbox(folder.run.inboxN);
}

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'corch-inbox-'));
  said = [];
  reads = [];
  client.readInbox = answer;
  await openInbox();
});
afterEach(async () => {
  await inbox.stop();
  rmSync(base, { recursive: true, force: true });
});

describe('an inbox', () => {
  it('asks for nothing as long as nothing was said', () => {
    inbox.notice(0);
    expect(reads).toEqual([]);
    expect(inbox.hasUnread).toBe(false);
  });

  it('hands over in order, what was there and what comes, and acknowledges it', async () => {
    said = [message(1), item(2, 'interrupt'), message(3)];
    inbox.notice(3);
    await inbox.caughtUp(never);
    const taker = makeTaker();
    inbox.handTo(taker);
    said.push(item(4, 'answer', { approvalId: 'a', decision: { allow: true } }));
    inbox.notice(4);
    await handUntil(taker, 4);
    expect(taker.took).toEqual(['1 message', '2 interrupt', '3 message', '4 answer']);
    expect(inbox.settledN).toBe(4);
    await inbox.stop();
    expect(reads.at(-1)).toBe(4);
  });

  it('is told of something twice and reads it once', async () => {
    said = [message(1)];
    for (let time = 0; time < 3; time++) inbox.notice(1);
    await inbox.caughtUp(never);
    inbox.notice(1);
    await inbox.stop();
    expect(reads).toEqual([0, 1]);
    expect(inbox.items).toHaveLength(1);
  });

  it('repeats nothing after a restart, and loses nothing', async () => {
    said = [message(1), message(2)];
    inbox.notice(2);
    await inbox.caughtUp(never);
    await inbox.settle(1);
    await restart();
    expect(inbox.items.map(({ n }) => n)).toEqual([1, 2]);
    expect(inbox.settledN).toBe(1);
    const taker = makeTaker();
    inbox.handTo(taker);
    await handUntil(taker, 1);
    expect(taker.took).toEqual(['2 message']);
  });

  it('hands what the last one did not take care of to the next one', async () => {
    said = [message(1)];
    inbox.notice(1);
    await inbox.caughtUp(never);
    for (let time = 0; time < 2; time++) {
      const taker = makeTaker(false);
      inbox.handTo(taker);
      await handUntil(taker, 1);
      expect(taker.took).toEqual(['1 message']);
    }
    expect(inbox.settledN).toBe(0);
  });

  it('passes over what only a newer orchestrator knows', async () => {
    said = [item(1, 'dance'), message(2)];
    inbox.notice(2);
    await inbox.caughtUp(never);
    expect(inbox.open).toMatchObject([{ n: 2 }]);
    await inbox.settle(2);
    expect(inbox.settledN).toBe(2);
  });

  it('waits no longer than it is asked to', async () => {
    const cut = new AbortController();
    client.readInbox = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped'))));
    inbox.notice(1);
    const waiting = inbox.caughtUp(cut.signal);
    cut.abort();
    await waiting;
    expect(inbox.hasUnread).toBe(true);
  });
});
