// Every page in a real browser, wide and narrow: accessible, within its window, and without a complaint.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  collectComplaints,
  dashboardDir,
  launchBrowser,
  picture,
  seriousViolations,
  sidewaysOverflow,
} from './browser.js';
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
  { name: 'now', path: '/', sign: 'Speed up the search in the catalogue page' },
  { name: 'now as a board', path: '/?view=board', sign: 'Ready for review' },
  {
    name: 'what one can do',
    path: '/tasks',
    sign: 'Narrow or widen the navigation',
    act: (page) => page.keyboard.press('?'),
  },
  { name: 'palette', path: '/', sign: 'Newest tasks', act: (page) => page.keyboard.press('Control+k') },
  { name: 'tasks', path: '/tasks', sign: 'Speed up the search in the catalogue page' },
  {
    name: 'a selection',
    path: '/tasks',
    sign: 'Speed up the search in the catalogue page',
    act: (page) => page.getByLabel('Select Speed up the search in the catalogue page').check(),
  },
  {
    name: 'an action on many',
    path: '/tasks?filter=status:succeeded',
    sign: 'corch task set --filter',
    act: async (page) => {
      await page.getByLabel('Select Fix the failing sum test').check();
      await page.getByRole('button', { name: /^Select all/ }).click();
      await button(page, 'Labels…').click();
      await page.getByLabel('Labels to add').fill('seen');
    },
  },
  {
    name: 'save a view',
    path: '/tasks?filter=status:failed',
    sign: 'corch view save',
    act: async (page) => {
      await button(page, 'Save view…').click();
      await page.getByLabel('Name', { exact: true }).fill('Broken');
    },
  },
  { name: 'export', path: '/tasks', sign: 'corch task export', act: (page) => button(page, 'Export').click() },
  { name: 'statistics', path: '/statistics', sign: 'acme/api' },
  {
    name: 'statistics as a table',
    path: '/statistics?range=30d&by=model',
    sign: 'Day (UTC)',
    act: (page) => button(page, 'The plots as a table').click(),
  },
  {
    name: 'many tasks',
    path: '/new',
    sign: 'All of them get the repository',
    act: async (page) => {
      await page.getByLabel('Prompt').fill('- Fix the first\n- Fix the second');
      await page.getByRole('button', { name: /^Make 2 tasks/ }).click();
    },
  },
  {
    name: 'a task in short',
    path: '/tasks',
    sign: 'Asked',
    act: async (page) => {
      await page.getByText('Fix the failing sum test').first().waitFor();
      for (const key of ['j', 'j', 'j', ' ']) await page.keyboard.press(key);
    },
  },
  {
    name: 'a completed filter',
    path: '/tasks',
    sign: 'why it has its status',
    act: (page) => page.getByRole('combobox', { name: 'Filter the tasks' }).fill('re'),
  },
  {
    name: 'a wrong filter',
    path: '/tasks?filter=stattus:failed',
    sign: 'Use status',
  },
  { name: 'no match', path: '/tasks?filter=status:failed+zzz+label:deps', sign: 'No task matches.' },
  { name: 'transcript', path: task(3), sign: 'I run the tests first' },
  { name: 'change', path: `${task(3)}?tab=changes`, sign: 'check passed in round 1' },
  {
    name: 'change in two columns',
    path: `${task(3)}?tab=changes`,
    sign: 'Two columns',
    act: (page) => button(page, 'One column').click(),
  },
  { name: 'lines of a change', path: `${task(3)}?tab=changes#L10-11:docs/new%20name.md`, sign: 'A heading' },
  { name: 'runs side by side', path: `${task(13)}?tab=runs&compare=1,2`, sign: 'changed differently' },
  {
    name: 'conversations side by side',
    path: `${task(13)}?tab=runs&compare=1,2&show=conversation`,
    sign: 'Now it rounds once',
  },
  {
    name: 'summary',
    path: task(3),
    sign: 'I run the tests first',
    act: (page) => button(page, 'Summary').click(),
  },
  {
    name: 'verbose',
    path: task(3),
    sign: 'Look for other callers',
    act: (page) => button(page, 'Verbose').click(),
  },
  { name: 'answer', path: `${task(3)}?tab=answer`, sign: 'coverage/index.html' },
  {
    name: 'raw events',
    path: `${task(3)}?tab=raw`,
    sign: '"toolUseId"',
    act: (page) =>
      page
        .getByRole('button', { name: /tool_use/ })
        .first()
        .click(),
  },
  { name: 'timeline', path: `${task(3)}?tab=timeline`, sign: 'Where the time went' },
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
  {
    name: 'deliver',
    path: task(3),
    sign: 'Claude is not run again',
    act: (page) => button(page, 'Pull request…').click(),
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
    path: '/settings/pools',
    sign: 'or empty.',
    act: async (page) => {
      await button(page, 'Limits of the pool gpu').click();
      await page.getByLabel('Most runs at once').fill('many');
      await button(page, 'Set the limits').click();
    },
  },
  {
    name: 'limits and retention',
    path: '/settings/limits',
    sign: 'corch settings set --max-running 12 --keep-tasks 90d --keep-transcripts 30d --max-stored 20000MB --approval-wait 600s',
    act: (page) => button(page, 'Change limits and retention').click(),
  },
  { name: 'repositories', path: '/repositories', sign: 'git.example.org/acme/site' },
  {
    name: 'add a repository',
    path: '/repositories',
    sign: 'corch repo add shop https://git.example.org/acme/shop.git',
    act: async (page) => {
      await button(page, 'Add a repository').click();
      await page.getByLabel('Address').fill('https://git.example.org/acme/shop.git');
    },
  },
  { name: 'a repository', path: '/repositories/api', sign: 'git push --force *' },
  { name: 'a repository without anything', path: '/repositories/site', sign: 'No rule: a person decides' },
  {
    name: 'trust',
    path: '/repositories/site',
    sign: 'corch repo trust site',
    act: (page) => button(page, 'Trust it…').click(),
  },
  {
    name: 'a secret',
    path: '/repositories/site',
    sign: 'must have at least 8 characters',
    act: async (page) => {
      await button(page, 'Set a secret…').click();
      await page.getByLabel('Value').fill('short');
      await button(page, 'Set the secret').click();
    },
  },
  {
    name: 'defaults of a repository',
    path: '/repositories/api',
    sign: 'names no Claude model',
    act: async (page) => {
      await button(page, 'Change the defaults').click();
      await page.getByLabel('Model').fill('nonsense');
      await button(page, 'Save').click();
    },
  },
  {
    name: 'a rule tried',
    path: '/repositories/api',
    sign: 'Nothing was asked in this repository yet.',
    act: async (page) => {
      await button(page, 'Add a rule…').click();
      await page.getByLabel('Command, path or address').fill('npm *');
      await button(page, 'Try it on past requests').click();
    },
  },
  { name: 'no such repository', path: '/repositories/nowhere', sign: 'No repository is registered under this name' },
  { name: 'settings', path: '/settings', sign: 'Finished tasks are kept for 90 days' },
  { name: 'what is stored', path: '/settings/limits', sign: 'corch admin stats' },
  { name: 'pools', path: '/settings/pools', sign: '0 of at most 2 running' },
  { name: 'worker tokens', path: '/settings/tokens', sign: 'Open enrolments' },
  { name: 'about', path: '/settings/about', sign: 'Worker protocol' },
  { name: 'keys', path: '/settings/keys', sign: 'this machine' },
  {
    name: 'create a key',
    path: '/settings/keys',
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

/** Looks at every page in one theme. Each theme is a file of tests, so that two processes do them at the same time. */
export function lookAtPages(colorScheme: 'light' | 'dark'): void {
  let server: FixtureServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    server = await FixtureServer.start({ dashboardDir, open: true, world: restingWorld(100) });
    browser = await launchBrowser();
    // One window for all of them, which has the programs of the dashboard compiled; what a page keeps, the next does not find.
    page = await browser.newPage({ colorScheme, reducedMotion: 'reduce' });
    await page.addInitScript(() => {
      if (location.protocol === 'about:') return;
      localStorage.clear();
      sessionStorage.clear();
    });
    complaints = collectComplaints(page);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  // Windows and what a click opens are made of the same parts; they are looked at in one theme.
  it.each(pages.filter(({ act }) => colorScheme === 'light' || act === undefined))(
    '$name',
    async ({ name, path, sign, act }) => {
      complaints.length = 0;
      await page.setViewportSize({ width: 1280, height: 900 });
      // By way of nothing, so that also a change of the part behind # alone loads the page.
      await page.goto('about:blank');
      await page.goto(server.url + path);
      await page.locator('h1').waitFor();
      await act?.(page);
      await page.getByText(sign).first().waitFor();
      expect(await page.title()).toMatch(/ · Claude Orchestrator$/);
      expect(await sidewaysOverflow(page)).toBe(0);
      // Colours are the same at all widths, so each theme is looked at in one of them.
      await picture(page, `${name}-wide-${colorScheme}`);
      if (colorScheme === 'light') expect(await seriousViolations(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await sidewaysOverflow(page)).toBe(0);
      await picture(page, `${name}-phone-${colorScheme}`);
      if (colorScheme === 'dark') expect(await seriousViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );
}
