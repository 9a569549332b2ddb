// Several tabs of one browser share one stream to the orchestrator.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { dashboardDir, expectSoon, launchBrowser } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { ago, makeEvents, makeId } from './make.js';

let browser: Browser;
let server: FixtureServer;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await FixtureServer.start({ dashboardDir, open: true });
});
afterEach(() => server.stop());

const liveTask = makeId('task', 2);
const liveRun = makeId('run', 2);

describe('several tabs', () => {
  it('share one change stream, and another takes over when its tab is closed', async () => {
    const streams = () => server.asked.filter((line) => line === 'GET /api/v1/stream').length;
    const change = (status: 'failed' | 'cancelled', updatedAt: string) => {
      Object.assign(server.world.tasks.find(({ id }) => id === liveTask) ?? {}, { status, updatedAt });
      server.notify('task', liveTask);
    };
    const context = await browser.newContext();
    const first = await context.newPage();
    const second = await context.newPage();
    const shows = (tab: Page, words: string) =>
      tab.getByRole('listitem').filter({ hasText: 'Speed up the search' }).getByText(words).waitFor();
    for (const tab of [first, second]) {
      await tab.goto(`${server.url}/tasks`);
      await tab.getByText('Live', { exact: true }).first().waitFor();
    }
    expect(streams()).toBe(1);
    change('failed', ago(1));
    await shows(first, 'Failed');
    await shows(second, 'Failed');
    await first.close();
    await expectSoon(second, streams, (count) => count === 2);
    await second.getByText('Live', { exact: true }).first().waitFor();
    change('cancelled', ago(0));
    await shows(second, 'Cancelled');
    await context.close();
  });
});

describe('several tabs on live transcripts', () => {
  it('share the one stream, also when the tab that holds it is closed', async () => {
    const say = (text: string) => {
      const seq = (server.world.events.get(liveRun)?.at(-1)?.seq ?? 0) + 1;
      const [event] = makeEvents([{ type: 'text', text }], seq);
      if (event !== undefined) server.append(liveRun, event);
    };
    const context = await browser.newContext();
    const tabs = [await context.newPage(), await context.newPage(), await context.newPage()] as const;
    for (const tab of tabs) {
      // A tab in the background follows nothing; here all of them are looked at.
      await tab.addInitScript(() => Object.defineProperty(document, 'visibilityState', { value: 'visible' }));
      await tab.goto(`${server.url}/tasks/${liveTask}`);
      await tab.getByRole('status', { name: 'Connection: Live' }).waitFor();
    }
    await expectSoon(
      tabs[0],
      () => server.openStreams,
      (count) => count === 1,
    );
    say('to all of them');
    for (const tab of tabs) await tab.getByText('to all of them').waitFor();
    await tabs[0].close();
    say('to those that are left');
    for (const tab of tabs.slice(1)) {
      await tab.getByText('to those that are left').waitFor();
      expect(await tab.getByText('to all of them').count()).toBe(1);
    }
    await expectSoon(
      tabs[1],
      () => server.openStreams,
      (count) => count === 1,
    );
    await context.close();
  });
});
