// Every page in a real browser, light and dark, wide and narrow: accessible, within its window, and without a complaint.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { collectComplaints, dashboardDir, launchBrowser, seriousViolations, sidewaysOverflow } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { makeId } from './make.js';
import { restingWorld } from './resting-world.js';

const task = (n: number) => `/tasks/${makeId('task', n)}`;
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

interface Shown {
  name: string;
  path: string;
  /** Visible when the page is there. */
  sign: string | RegExp;
  act?: (page: Page) => Promise<void>;
}

const pages: Shown[] = [
  { name: 'tasks', path: '/', sign: 'Speed up the search in the catalogue page' },
  { name: 'no match', path: '/tasks?status=failed&q=zzz&label=deps', sign: 'No task matches.' },
  { name: 'transcript', path: task(3), sign: 'I run the tests first' },
  { name: 'change', path: `${task(3)}?tab=changes`, sign: '4 files changed' },
  { name: 'answer', path: `${task(3)}?tab=answer`, sign: 'Structured answer' },
  { name: 'runs', path: `${task(5)}?tab=runs`, sign: 'automatic after a failure' },
  { name: 'details', path: `${task(3)}?tab=details`, sign: 'Claude session' },
  { name: 'live', path: task(2), sign: '1 raw event: something new' },
  { name: 'waiting', path: task(1), sign: 'On the worker run' },
  { name: 'parked', path: task(10), sign: 'Plan limit' },
  { name: 'unreachable', path: task(11), sign: 'goes on with the session of' },
  {
    name: 'release',
    path: task(11),
    sign: 'corch task release',
    act: (page) => button(page, 'Release…').click(),
  },
  {
    name: 'which workers could take it',
    path: task(12),
    sign: 'does not serve the pool default',
    act: (page) => button(page, 'Which workers could take it?').click(),
  },
  { name: 'no such task', path: task(77), sign: 'There is no task with this id' },
  {
    name: 'commands',
    path: task(3),
    sign: 'Follow the transcript',
    act: (page) => button(page, 'Commands for this task').click(),
  },
  { name: 'delete', path: task(3), sign: 'This cannot be undone', act: (page) => button(page, 'Delete').click() },
  { name: 'new task', path: '/new', sign: 'Must be a number', act: fillWrongly },
  { name: 'workers', path: '/workers', sign: 'Not signed in to Claude' },
  {
    name: 'add a worker',
    path: '/workers',
    sign: 'corch worker start --url http',
    act: (page) => button(page, 'Add a worker').click(),
  },
  {
    name: 'drain a worker',
    path: '/workers',
    sign: 'corch worker drain studio --grace 10m',
    act: (page) => button(page, 'Drain studio').click(),
  },
  {
    name: 'limits of a pool',
    path: '/workers',
    sign: 'or empty.',
    act: async (page) => {
      await button(page, 'Limits of the pool gpu').click();
      await page.getByLabel('Most runs at once').fill('many');
      await button(page, 'Set the limits').click();
    },
  },
  {
    name: 'limits and retention',
    path: '/workers',
    sign: 'corch settings set --max-running 12 --keep-tasks 90d',
    act: (page) => button(page, 'Change limits and retention').click(),
  },
  { name: 'keys', path: '/keys', sign: 'this machine' },
  {
    name: 'create a key',
    path: '/keys',
    sign: 'What you will recognise it by',
    act: (page) => button(page, 'Create a key').click(),
  },
  { name: 'account', path: '/tasks', sign: 'Sign out', act: (page) => button(page, 'Account and theme').click() },
  { name: 'sign in', path: '/sign-in', sign: 'API key' },
  { name: 'no such page', path: '/nowhere', sign: 'There is nothing at this address' },
];

async function fillWrongly(page: Page): Promise<void> {
  await button(page, 'Options').click();
  await page.getByLabel('Most turns').fill('many');
  await button(page, 'Submit task').click();
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  let server: FixtureServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await FixtureServer.start({ dashboardDir, open: true, world: restingWorld(100) });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it.each(pages)('$name', async ({ path, sign, act }) => {
    const page = await browser.newPage({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 900 },
    });
    const complaints = collectComplaints(page);
    await page.goto(server.url + path);
    await page.locator('h1').waitFor();
    await act?.(page);
    await page.getByText(sign).first().waitFor();
    expect(await page.title()).toMatch(/ · Claude Orchestrator$/);
    expect(await sidewaysOverflow(page)).toBe(0);
    // Colours are the same at all widths, so each theme is looked at in one of them.
    if (colorScheme === 'light') expect(await seriousViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await sidewaysOverflow(page)).toBe(0);
    if (colorScheme === 'dark') expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
