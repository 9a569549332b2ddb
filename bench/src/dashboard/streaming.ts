/// <reference lib="dom" />
// What a page does while many runs talk: how late it shows what was said, and whether it keeps more and more.
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { pooledSlope, quantile, type Point } from '@corch/e2e/statistics';
import type { Stack } from '@corch/e2e/stack';
import { Load } from '../load-process.js';
import type { Row } from '../report.js';
import { countNodes } from './browser.js';

const streams = 20;
const everyMs = 250;
/** Milliseconds; elements; megabytes a minute: a transcript keeps what was said, 240 events a minute, other pages nothing. */
const targets = { paint: 500, nodes: 2000, transcript: 0.5, now: 0.1 };

interface Watched {
  /** Of profiles of their own, so that the memory of one is not that of the other. */
  readonly transcript: BrowserContext;
  readonly now: BrowserContext;
}

/** Twenty runs that say something four times a second, one of them and the page Now watched for so many minutes. */
export async function* measureStreaming(
  { transcript, now }: Watched,
  stack: Stack,
  seconds: number,
  minutes: number,
): AsyncGenerator<Row> {
  const plan = { kind: 'stream', place: { url: stack.url, token: stack.adminKey }, workers: streams, everyMs } as const;
  const load = await Load.start(plan);
  try {
    const running = await stack.client.listTasks({ query: { filter: 'status:running', limit: 1 } });
    const [task] = running.data;
    if (task === undefined) throw new Error('no run is streaming');
    const live = await transcript.newPage();
    await live.goto(`${stack.url}/tasks/${task.id}`);
    const board = await now.newPage();
    await board.goto(stack.url);
    for (const page of [live, board]) await page.getByText('Live', { exact: true }).first().waitFor();
    // Before that the page is busy with opening.
    await live
      .getByText(/sent at \d+/)
      .first()
      .waitFor();
    yield await paints(live, seconds);
    const heaps = await sampleHeaps([live, board], minutes);
    const nodes = await countNodes(live);
    const grows = (what: string, points: readonly Point[], target: number): Row => ({
      what: `heap per minute, ${minutes} min of streaming: ${what}`,
      value: pooledSlope([points]),
      unit: 'MB',
      against: { what: 'target', value: target },
    });
    yield grows('transcript', heaps[0] ?? [], targets.transcript);
    yield grows('Now', heaps[1] ?? [], targets.now);
    yield { what: 'elements behind it', value: nodes, unit: '', against: { what: 'target', value: targets.nodes } };
  } finally {
    await load.stop();
  }
}

/** Every event says when it was sent. One from before the watch that is drawn only now, as one scrolls, is no late one. */
async function paints(page: Page, seconds: number): Promise<Row> {
  await page.evaluate(() => {
    const begin = Date.now();
    const seen = new Set<string>();
    const delays: number[] = [];
    Object.assign(globalThis, { paintDelays: delays });
    const list = document.querySelector('[aria-label="Transcript"]');
    if (list === null) throw new Error('there is no transcript');
    const read = () =>
      [...(list.lastElementChild?.textContent ?? '').matchAll(/sent at (\d+)/g)].map(([, at]) => at ?? '');
    new MutationObserver(() => {
      const fresh = read().filter((at) => Number(at) >= begin && !seen.has(at));
      for (const at of fresh) seen.add(at);
      // A task behind the frame that shows it.
      requestAnimationFrame(() => setTimeout(() => delays.push(...fresh.map((at) => Date.now() - Number(at))), 0));
    }).observe(list, { childList: true, subtree: true, characterData: true });
  });
  await delay(seconds * 1000);
  const delays = await page.evaluate(() => (globalThis as unknown as { paintDelays: number[] }).paintDelays);
  if (delays.length === 0) throw new Error('nothing of the stream was painted');
  return {
    what: `event to paint, p95, ${streams} runs streaming`,
    value: quantile(delays, 0.95),
    unit: 'ms',
    against: { what: 'target', value: targets.paint },
  };
}

/** Megabytes of each page after a garbage collection, by minutes. The first quarter is not taken: caches fill, code is compiled. */
async function sampleHeaps(pages: readonly Page[], minutes: number): Promise<Point[][]> {
  const sessions = await Promise.all(pages.map((page) => page.context().newCDPSession(page)));
  const begin = performance.now();
  const passed = () => (performance.now() - begin) / 60_000;
  const samples = pages.map((): Point[] => []);
  while (passed() < minutes) {
    await delay(Math.min(10_000, (minutes * 60_000) / 16));
    for (const [index, session] of sessions.entries()) {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      if (passed() > minutes / 4) samples[index]?.push({ x: passed(), y: usedSize / 1e6 });
    }
  }
  return samples;
}
