import type { AppendEvents, AppendReply, EventBody } from '@corch/contract';
import { ApiError, UnreachableError, type Client } from '@corch/contract/client';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventSender } from './event-sender.js';
import { createLogger } from './logger.js';
import { Spool } from './spool.js';

type Append = (body: AppendEvents) => AppendReply | Error;

let folder: string;
let spool: Spool;
let senders: EventSender[];
const listener = { onCancel: jest.fn(), onStale: jest.fn(), onInbox: jest.fn() };
const forever = new AbortController().signal;
const logger = createLogger('silent', (text) => text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'corch-sender-'));
  spool = await Spool.open(folder);
  senders = [];
});
afterEach(async () => {
  for (const sender of senders) await sender.stop();
  await spool.close();
  rmSync(folder, { recursive: true, force: true });
  jest.clearAllMocks();
});

const text = (value: string): EventBody => ({ type: 'text', text: value });
const texts = (body: AppendEvents) => body.events.map((event) => event['text']);
const stored = (body: AppendEvents): AppendReply => ({
  nextN: body.firstN + body.events.length,
  cancel: false,
  late: false,
  inboxN: 0,
});

function problem(status: number, code: string): ApiError {
  return new ApiError({
    type: code,
    title: code,
    status,
    detail: code,
    code,
    requestId: 'r',
    retryable: false,
    hint: '',
  });
}

/** A sender whose calls `append` answers. */
async function start(append: Append): Promise<EventSender> {
  const appendEvents = ({ body }: { body: AppendEvents }) => {
    const reply = append(body);
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  };
  const client = { appendEvents } as unknown as Client;
  const intervals = { appendMs: 5, appendBytes: 1000 };
  const sender = new EventSender(client, { runId: 'run_1', epoch: 1 }, spool, intervals, listener, logger);
  senders.push(sender);
  await sender.start();
  return sender;
}

describe('EventSender', () => {
  it('sends everything once and in order', async () => {
    const bodies: AppendEvents[] = [];
    const sender = await start((body) => (bodies.push(body), stored(body)));
    for (let i = 0; i < 50; i++) await spool.append([text(`e${i}`)]);
    await sender.drain(forever);
    expect(bodies.flatMap(texts)).toEqual(Array.from({ length: 50 }, (_, i) => `e${i}`));
    expect(bodies.map((body) => body.firstN)).toEqual([...bodies.map((body) => body.firstN)].sort((a, b) => a - b));
    await sender.drain(forever);
  });

  it('tries again while nobody answers', async () => {
    let failures = 1;
    const seen: unknown[] = [];
    const sender = await start((body) =>
      failures-- > 0 ? new UnreachableError('away') : (seen.push(...texts(body)), stored(body)),
    );
    await spool.append([text('a')]);
    await sender.drain(forever);
    expect(seen).toEqual(['a']);
  });

  it('goes on behind what an earlier process sent, and back when the orchestrator knows of less', async () => {
    const first = await start(stored);
    await spool.append([text('a')]);
    await spool.append([text('b')]);
    await first.drain(forever);
    await first.stop();
    await spool.append([text('c')]);
    const bodies: AppendEvents[] = [];
    let known = 1;
    const second = await start((body) => {
      bodies.push(body);
      if (body.firstN <= known + 1) known = body.firstN + body.events.length - 1;
      return { ...stored(body), nextN: known + 1 };
    });
    await second.drain(forever);
    expect(bodies.map((body) => [body.firstN, texts(body)])).toEqual([
      [3, ['c']],
      [2, ['b', 'c']],
    ]);
  });

  it('passes on a cancel and a lost lease', async () => {
    let reply: Partial<AppendReply> = { cancel: true };
    const sender = await start((body) => ({ ...stored(body), ...reply }));
    await spool.append([text('a')]);
    await sender.drain(forever);
    expect(listener.onCancel).toHaveBeenCalled();
    reply = { late: true, cancel: true };
    await spool.append([text('b')]);
    await sender.drain(forever);
    expect(listener.onStale).toHaveBeenCalledTimes(1);
    expect(listener.onCancel).toHaveBeenCalledTimes(1);
  });

  it('replaces the one event that is refused and keeps those around it', async () => {
    const kept: unknown[] = [];
    const sender = await start((body) => {
      if (texts(body).includes('bad')) return problem(422, 'validation_failed');
      kept.push(...body.events.map((event) => event['text']));
      return stored(body);
    });
    await spool.append(['a', 'b', 'bad', 'c', 'd'].map(text));
    await sender.drain(forever);
    expect(kept).toEqual(['a', 'b', expect.stringContaining('refused by the orchestrator'), 'c', 'd']);
  });

  it('gives up a run that nobody knows', async () => {
    const sender = await start(() => problem(404, 'run_not_found'));
    await spool.append([text('a')]);
    await sender.drain(forever);
    expect(listener.onStale).toHaveBeenCalledTimes(1);
  });

  it('stops while the orchestrator is away, with everything still on disk', async () => {
    const sender = await start(() => new UnreachableError('away'));
    await spool.append([text('a')]);
    await sender.drain(AbortSignal.timeout(20));
    await sender.stop();
    expect((await spool.read(await spool.loadCursor(), 1000))?.events).toHaveLength(1);
  });

  it('goes on when it cannot keep how far it is', async () => {
    mkdirSync(join(folder, 'sent.json.new'));
    const kept: unknown[] = [];
    const sender = await start((body) => (kept.push(...texts(body)), stored(body)));
    await spool.append([text('a')]);
    await sender.drain(forever);
    await spool.append([text('b')]);
    await sender.drain(forever);
    expect(kept).toEqual(['a', 'b']);
  });
});
