// The dashboard on the real programs where not all is well: no network, a slow one, more than can be shown, less than there was.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { RawWorker, type RawRun } from '../src/raw-worker.js';
import { startStack, type Stack } from '../src/stack.js';
import { collectComplaints, launchBrowser } from '../src/testing/browser.js';

let stack: Stack;
let worker: RawWorker;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  // The worker of these tests says what it likes, and is not taken for lost meanwhile.
  stack = await startStack({ workers: 0, env: { LOST_AFTER_CAP_MS: '3600000', LEASE_MS: '600000' } });
  worker = await RawWorker.enrol(stack, 'raw');
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const first = await context.newPage();
  await first.goto((await stack.client.createSignInLink()).url);
  await first.getByRole('heading', { name: 'Now', exact: true }).waitFor();
  await first.close();
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});
beforeEach(async () => {
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  complaints = collectComplaints(page);
});
afterEach(async () => {
  await context.setOffline(false);
  await page.close();
  expect(complaints).toEqual([]);
});

const isLive = () => page.getByText('Live', { exact: true }).first().waitFor();

/** A run of a task with this title, in the hands of the test. */
async function claim(title: string): Promise<{ taskId: string; run: RawRun }> {
  const { id } = await stack.submit({ title, executor: 'command', command: ['true'], requirements: ['raw'] });
  const [run] = await worker.claim();
  if (run === undefined) throw new Error(`nothing was there to claim for ${title}`);
  await run.reportStart();
  return { taskId: id, run };
}

/** A patch that replaces so many lines of a file. */
function patchOf(path: string, lines: number): string {
  const side = (sign: string, word: string) => Array.from({ length: lines }, (_, n) => `${sign}${word} ${n}`);
  const head = [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`, `@@ -1,${lines} +1,${lines} @@`];
  return [...head, ...side('-', 'before'), ...side('+', 'after'), ''].join('\n');
}

describe('without a network', () => {
  it('says so, keeps what it shows, and goes on by itself', async () => {
    const { run } = await claim('Before the cut');
    await page.goto(`${stack.url}/tasks`);
    const rows = page.getByRole('listitem');
    await rows.filter({ hasText: 'Before the cut' }).getByText('Running').waitFor();
    await isLive();
    await context.setOffline(true);
    await page.getByText('This browser is offline.').waitFor();
    await page
      .getByText(/^Offline · .* old$/)
      .first()
      .waitFor();
    expect(await rows.filter({ hasText: 'Before the cut' }).count()).toBe(1);
    await run.finish('succeeded', 0);
    await context.setOffline(false);
    await page.getByText('This browser is offline.').waitFor({ state: 'detached' });
    await isLive();
    await rows.filter({ hasText: 'Before the cut' }).getByText('Done').waitFor();
  });
});

describe('over a slow link', () => {
  it('shows what it waits for, and ends with everything', async () => {
    const { taskId, run } = await claim('Over a slow link');
    await run.append(1, ['the first line\n']);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    // A bad mobile line: 400 ms away, 1 Mbit/s down, a third of it up.
    const link = { offline: false, latency: 400, downloadThroughput: 125_000, uploadThroughput: 40_000 };
    await cdp.send('Network.emulateNetworkConditions', link);
    await page.goto(`${stack.url}/tasks/${taskId}`);
    await page.getByText('the first line').waitFor();
    await isLive();
    await run.append(2, ['the second line\n']);
    await page.getByText('the second line').waitFor();
    await run.writePatch(patchOf('notes.txt', 3));
    await run.finish('succeeded', 2);
    await page.getByText('Done', { exact: true }).first().waitFor();
    const isReading = page.getByRole('status', { name: 'Reading the change' }).waitFor();
    await page.getByRole('link', { name: /^Changes/ }).click();
    await isReading;
    await page.locator('[data-file="notes.txt"]').getByText('after 2').waitFor();
  });
});

describe('too big', () => {
  it('a file of a change is folded until somebody wants it', async () => {
    const { taskId, run } = await claim('A wide change');
    await run.writePatch(patchOf('src/large.ts', 400) + patchOf('src/small.ts', 2));
    await run.finish('succeeded', 0);
    await page.goto(`${stack.url}/tasks/${taskId}?tab=changes`);
    const small = page.locator('[data-file="src/small.ts"]');
    await small.getByText('after 1').waitFor();
    const large = page.locator('[data-file="src/large.ts"]');
    expect(await large.getByText('after 399').count()).toBe(0);
    await large.getByRole('button', { expanded: false }).click();
    await large.getByRole('button', { expanded: true }).waitFor();
    // Lines are drawn where somebody looks; the end of the file is above the next one.
    await small.scrollIntoViewIfNeeded();
    await large.getByText('after 399').waitFor();
  });

  it('a change that was not kept is told by its size', async () => {
    const { taskId, run } = await claim('A change beyond all limits');
    const { runId, epoch } = run.claimed;
    const exit = { outcome: 'succeeded', code: 0, signal: null, message: null } as const;
    const stat = { files: 7, additions: 3_000_000, deletions: 12 };
    const ended = { epoch, completionId: crypto.randomUUID(), exit, result: null, costUsd: null, stat, lastN: 0 };
    await run.client.finishRun({ params: { runId }, body: ended });
    await page.goto(`${stack.url}/tasks/${taskId}?tab=changes`);
    await page.getByText('The change is too big to be shown.').waitFor();
    await page.getByText('in 7 files').waitFor();
  });
});

describe('partial', () => {
  it('a transcript of which lines are missing says so, and where', async () => {
    const { taskId, run } = await claim('With a hole');
    await run.append(1, ['before the hole\n']);
    await run.append(5, ['behind the hole\n']);
    await run.finish('succeeded', 5);
    await page.goto(`${stack.url}/tasks/${taskId}`);
    await page.getByText('Lines may be missing from this transcript.').waitFor();
    await page.getByText('behind the hole').waitFor();
    const said = await page.getByRole('list', { name: 'Transcript' }).textContent();
    expect(said).toMatch(/before the hole.*3 lines never arrived.*behind the hole/is);
  });

  it('a page on which one list could not be read shows the others', async () => {
    await page.route(/api\/v1\/tasks\?.*ended%3A1d/, (route) => route.abort());
    await page.goto(stack.url);
    await page.getByRole('region', { name: 'Done' }).getByText('This list could not be read.').waitFor();
    await page.getByRole('region', { name: 'Working' }).getByText('Nothing runs.').waitFor();
    await page.unroute(/api\/v1\/tasks\?.*ended%3A1d/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: 'Done' }).getByText('Before the cut').waitFor();
  });
});
