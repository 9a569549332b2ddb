import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@corch/contract';
import type { RunFeed } from '../api/run-feed.js';
import { makeEvents } from '../testing/make.js';
import { Transcript, type TranscriptState } from './transcript.js';

type Reader = Parameters<RunFeed['follow']>[1];

const events = makeEvents(Array.from({ length: 12_000 }, (_, index) => ({ type: 'text', text: `${index}` })));

/** Serves `stored` as pages, then `live` behind the id that is asked for. */
function source(stored: readonly RunEvent[], live: readonly RunEvent[]) {
  const asked: string[] = [];
  return {
    asked,
    listEvents: ({ query }: { query?: { after?: unknown; limit?: unknown } }) => {
      const after = Number(query?.after);
      const limit = Number(query?.limit);
      asked.push(`after ${after}`);
      const rest = stored.filter((event) => event.seq > after);
      return Promise.resolve({ data: rest.slice(0, limit), lastSeq: 0, hasMore: rest.length > limit });
    },
    feed: {
      // A stream may repeat what was read; the transcript must not.
      follow: async (_runId: string, reader: Reader) => {
        asked.push(`follow ${reader.after()}`);
        reader.onState('live');
        await Promise.resolve();
        reader.onEvents([...live]);
      },
    },
  };
}

function ended(transcript: Transcript): Promise<TranscriptState> {
  return new Promise((resolve) => {
    const stop = transcript.state.subscribe(() => {
      const state = transcript.state.get();
      if (state.phase !== 'ended' && state.phase !== 'failed') return;
      stop();
      resolve(transcript.state.get());
    });
  });
}

describe('Transcript', () => {
  it('reads the history page by page and goes on live without a gap or a repeat', async () => {
    const from = source(events.slice(0, 11_000), events.slice(10_990));
    const transcript = new Transcript(from, 'run_1');
    const end = ended(transcript);
    transcript.start();
    expect((await end).phase).toBe('ended');
    expect(transcript.state.get().steps.map((step) => step.seq)).toEqual(events.map((event) => event.seq));
    expect(transcript.state.get().eventCount).toBe(12_000);
    expect(from.asked).toEqual(['after 0', 'after 500', 'after 5500', 'after 10500', 'follow 11000']);
  });

  it('goes on where it was after a stop', async () => {
    const first = source(events.slice(0, 3), []);
    const transcript = new Transcript({ ...first, feed: { follow: waitForAbort } }, 'run_1');
    const shown = new Promise<void>((resolve) => {
      const stop = transcript.state.subscribe(() => {
        if (transcript.state.get().phase !== 'live') return;
        stop();
        resolve();
      });
    });
    transcript.start();
    await shown;
    transcript.stop();
    expect(transcript.state.get()).toMatchObject({ phase: 'paused', eventCount: 3 });
    transcript.start();
    expect(first.asked).toEqual(['after 0', 'after 3']);
    transcript.stop();
  });

  it('shows what it does not know, and says when reading fails', async () => {
    const odd = { ...events[0], type: 'from_the_future', text: 'x' } as unknown as RunEvent;
    const transcript = new Transcript(source([odd], []), 'run_1');
    const end = ended(transcript);
    transcript.start();
    await end;
    expect(transcript.state.get().steps[0]).toMatchObject({ kind: 'raws', raws: [{ type: 'raw' }] });

    const broken = { ...source([], []), listEvents: () => Promise.reject(new Error('no such run')) };
    const failing = new Transcript(broken, 'run_2');
    const failed = ended(failing);
    failing.start();
    expect(await failed).toMatchObject({ phase: 'failed', error: new Error('no such run') });
  });
});

/** A stream on which nothing is said. */
async function waitForAbort(_runId: string, reader: Reader, signal: AbortSignal): Promise<void> {
  reader.onState('live');
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
