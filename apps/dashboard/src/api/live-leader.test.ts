import { describe, expect, it } from '@jest/globals';
import type { FeedMessage, FeedOptions } from '@corch/contract/client';
import { makeId } from '../testing/make.js';
import { Leader, type News } from './live-leader.js';

/** A stream that says what it is told to say. */
class FakeStream {
  readonly topics: unknown;
  private readonly messages: FeedMessage[] = [];
  private wake: () => void = () => undefined;

  constructor(private readonly options: FeedOptions) {
    const { query } = options;
    this.topics = (typeof query === 'function' ? query() : query)?.['topics'];
    options.signal.addEventListener('abort', () => this.wake());
  }

  get isOpen(): boolean {
    return !this.options.signal.aborted;
  }

  live(): void {
    this.options.onState?.('live');
  }

  /** Resolves when it was heard. */
  async say(type: string, data: unknown): Promise<void> {
    this.messages.push({ type, id: undefined, data });
    this.wake();
    await new Promise(setImmediate);
  }

  async *read(): AsyncGenerator<FeedMessage> {
    while (this.isOpen) {
      const message = this.messages.shift();
      if (message !== undefined) yield message;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function begin() {
  const streams: FakeStream[] = [];
  const heard: News[] = [];
  const stop = new AbortController();
  const follow = (_name: unknown, options: FeedOptions) => {
    const stream = new FakeStream(options);
    streams.push(stream);
    return stream.read();
  };
  const leader = new Leader({ follow }, (news) => heard.push(news), stop.signal);
  const seqs = () => heard.flatMap((news) => (news.kind === 'run' ? news.events.data.map(({ seq }) => seq) : []));
  return { leader, streams, heard, seqs, stop: () => stop.abort() };
}

const runId = makeId('run', 1);

/** The events of a run from one number to another, as the stream says them. */
function events(from: number, to: number) {
  const data = Array.from({ length: to - from + 1 }, (_, index) => ({
    seq: from + index,
    epoch: 1,
    at: '2026-11-29T10:00:00.000Z',
    type: 'text',
    text: 'x',
  }));
  return { runId, data, lastSeq: to };
}

describe('Leader', () => {
  it('tells a tab that is behind nothing newer before what it lacks', async () => {
    const { leader, streams, seqs, stop } = begin();
    leader.follow('a', { [runId]: 29 });
    const running = leader.run();
    streams[0]?.live();
    await streams[0]?.say('run', events(30, 30));
    leader.follow('b', { [runId]: 20 });
    expect(streams[1]?.topics).toContain(`run:${runId}@20`);
    // The stream before goes on until the new one is there.
    await streams[0]?.say('run', events(31, 31));
    streams[1]?.live();
    await streams[1]?.say('run', events(21, 31));
    expect(seqs()).toEqual([30, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);
    expect(streams.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    stop();
    await running;
  });

  it('hears of the end of a run only from the stream that says all of it', async () => {
    const { leader, streams, heard, stop } = begin();
    leader.follow('a', { [runId]: 30 });
    const running = leader.run();
    streams[0]?.live();
    leader.follow('b', { [runId]: 20 });
    await streams[0]?.say('run-end', { runId, status: 'succeeded' });
    expect(heard.filter(({ kind }) => kind === 'run-end')).toEqual([]);
    streams[1]?.live();
    await streams[1]?.say('run', events(21, 30));
    await streams[1]?.say('run-end', { runId, status: 'succeeded' });
    expect(heard.slice(-2).map(({ kind }) => kind)).toEqual(['run', 'run-end']);
    stop();
    await running;
  });

  it('hears what changed also while a new stream is on its way', async () => {
    const { leader, streams, heard, stop } = begin();
    const running = leader.run();
    streams[0]?.live();
    leader.follow('a', { [runId]: 0 });
    await streams[0]?.say('changed', { topic: 'task', id: 'task_1' });
    expect(heard.at(-1)).toMatchObject({ kind: 'changed', changed: { topic: 'task', id: 'task_1' } });
    stop();
    await running;
  });

  it('opens one stream for what is followed before it begins', async () => {
    const { leader, streams, stop } = begin();
    leader.follow('a', { [runId]: 5 });
    const running = leader.run();
    expect(streams.map(({ topics }) => topics)).toEqual([expect.arrayContaining([`run:${runId}@5`])]);
    stop();
    await running;
  });
});
