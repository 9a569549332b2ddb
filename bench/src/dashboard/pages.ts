/// <reference lib="dom" />
// How fast long things open: a transcript, a list and a change.
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { median } from '@corch/e2e/statistics';
import type { Row } from '../report.js';
import { clickedIn, countNodes, openedIn, pageClock, paintedAt } from './browser.js';
import { fileCount } from './made-data.js';

/** Milliseconds, or elements of a page. */
const targets = { open: 1000, nodes: 2000, task: 100, filter: 300, firstFile: 500 };
const under = (value: number) => ({ what: 'target', value });

interface Place {
  readonly context: BrowserContext;
  readonly url: string;
  readonly rounds: number;
}

/** A run of 20,000 events: until its first steps are there, until all is read, and what scrolling through it costs. */
export async function* measureTranscript(
  place: Place,
  { taskId, events, seconds }: { taskId: string; events: number; seconds: number },
): AsyncGenerator<Row> {
  const of = `${events.toLocaleString('en')} events`;
  const first: number[] = [];
  const whole: number[] = [];
  const page = await place.context.newPage();
  for (let round = 0; round < place.rounds; round++) {
    const step = { selector: '[aria-label="Transcript"] article', text: 'Step 1:' };
    first.push(await openedIn(page, `${place.url}/tasks/${taskId}`, step));
    const counted = { selector: '[aria-label="Conversation"]', text: of };
    whole.push(await paintedAt(page, counted));
  }
  yield { what: `${of}: first steps painted`, value: median(first), unit: 'ms', against: under(targets.open) };
  yield { what: `${of}: all of them read`, value: median(whole), unit: 'ms', against: under(targets.open) };
  const { longestTask, mostNodes } = await scroll(page, seconds);
  await page.close();
  yield { what: `${of}: most elements`, value: mostNodes, unit: '', against: under(targets.nodes) };
  yield {
    what: `${of}: longest task while scrolling`,
    value: longestTask,
    unit: 'ms',
    against: under(targets.task),
  };
}

/** Scrolls down, to the end, to the middle and up again. A task of less than 50 ms is none: the browser tells of longer ones only. */
async function scroll(page: Page, seconds: number): Promise<{ longestTask: number; mostNodes: number }> {
  // What was still going on when the page had opened.
  await delay(500);
  await page.evaluate(() => {
    const found: number[] = [];
    Object.assign(globalThis, { longTasks: found });
    new PerformanceObserver((list) => found.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  let mostNodes = 0;
  const wheel = async (deltaY: number, forMs: number) => {
    for (const end = performance.now() + forMs; performance.now() < end;) {
      await page.mouse.wheel(0, deltaY);
      await delay(30);
      mostNodes = Math.max(mostNodes, await countNodes(page));
    }
  };
  await page.mouse.move(640, 450);
  await wheel(1200, seconds * 500);
  await page.keyboard.press('End');
  await wheel(-600, seconds * 125);
  await page.evaluate(() => window.scrollTo({ top: document.documentElement.scrollHeight / 2 }));
  await wheel(-1200, seconds * 250);
  await page.keyboard.press('Home');
  await wheel(600, seconds * 125);
  const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  return { longestTask: Math.max(0, ...tasks), mostNodes };
}

/** From Enter in the filter until the list shows what it finds; each round looks for something else. */
export async function* measureFilter(place: Place, stored: number): AsyncGenerator<Row> {
  const page = await place.context.newPage();
  const took: number[] = [];
  await page.goto(`${place.url}/tasks`);
  const input = page.getByRole('combobox', { name: 'Filter the tasks' });
  await page.getByRole('list', { name: 'Tasks' }).getByRole('listitem').first().waitFor();
  for (let round = 0; round < place.rounds; round++) {
    const wanted = `customer ${stored - 100 * (round + 1)}`;
    const begin = await filterAt(page, `status:succeeded "${wanted}"`);
    const shown = await paintedAt(page, { selector: '[aria-label="Tasks"] h2', text: wanted });
    took.push(shown - begin);
    await input.fill('');
    await page.getByText(/^[\d,]+\+? tasks$/).waitFor();
  }
  await page.close();
  const what = `filter of ${stored.toLocaleString('en')} tasks, Enter to rows`;
  yield { what, value: median(took), unit: 'ms', against: under(targets.filter) };
}

/** Types a filter and presses Enter; when that was, by the page's clock. */
async function filterAt(page: Page, filter: string): Promise<number> {
  const input = page.getByRole('combobox', { name: 'Filter the tasks' });
  await input.fill(filter);
  const begin = await pageClock(page);
  await input.press('Enter');
  return begin;
}

/** A change of 300 files: from the click on “Changes” until its first file is there. */
export async function* measureChange(place: Place, taskId: string): AsyncGenerator<Row> {
  const page = await place.context.newPage();
  const took: number[] = [];
  for (let round = 0; round < place.rounds; round++) {
    await page.goto(`${place.url}/tasks/${taskId}`);
    await page.getByRole('link', { name: /^Changes/ }).waitFor();
    const line = { selector: 'section[data-file]', text: 'total(0, left)' };
    took.push(await clickedIn(page, 'a[href*="tab=changes"]', line));
  }
  await page.close();
  const what = `change of ${fileCount} files: its first file painted`;
  yield { what, value: median(took), unit: 'ms', against: under(targets.firstFile) };
}
