// The shell around the pages: the ways by keyboard, the palette, what was done and can be undone; and the page "Now".
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { collectComplaints, dashboardDir, launchBrowser } from './browser.js';
import { sampleApprovals } from './fixture-approvals.js';
import { FixtureServer } from './fixture-server.js';
import { emptyWorld, sampleWorld } from './fixture-world.js';
import { ago, makeId } from './make.js';

let browser: Browser;
let server: FixtureServer;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const world = { ...sampleWorld(10), approvals: sampleApprovals() };
  const asking = world.tasks.find(({ id }) => id === makeId('task', 2));
  if (asking !== undefined) asking.reason = asking.currentRun.reason = 'approval';
  server = await FixtureServer.start({ dashboardDir, open: true, world });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  complaints = collectComplaints(page);
});
afterEach(async () => {
  expect(complaints).toEqual([]);
  await page.close();
  await server.stop();
});

const button = (name: string | RegExp) => page.getByRole('button', { name });
const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const group = (name: string) => page.getByRole('region', { name, exact: true });

describe('the ways by keyboard', () => {
  it('lead to every page', async () => {
    await page.goto(server.url);
    await page.getByText('Live', { exact: true }).first().waitFor();
    const ways = [
      ['t', '/tasks'],
      ['a', '/approvals'],
      ['w', '/workers'],
      ['r', '/repositories'],
      ['s', '/statistics'],
      [',', '/settings'],
      ['n', '/'],
    ] as const;
    for (const [key, path] of ways) {
      await press('g', key);
      await page.waitForURL(server.url + path);
    }
  });

  it('are shown with what the page offers, and stay off when they are switched off', async () => {
    await page.goto(`${server.url}/tasks`);
    await page.getByText('Fix the failing sum test').first().waitFor();
    await press('?');
    const map = page.getByRole('dialog', { name: 'Keyboard and help' });
    await map.getByText('Select the focused row').waitFor();
    await map.getByText('Repositories').waitFor();
    await map.getByLabel('Single keys do something').uncheck();
    await press('Escape');
    await map.waitFor({ state: 'detached' });
    await press('g', 'w');
    // Keys with Ctrl are no single keys.
    await press('Control+k');
    await page.getByRole('dialog', { name: 'Search, or jump to' }).waitFor();
    expect(page.url()).toMatch(/tasks$/);
  });
});

describe('the palette', () => {
  const palette = () => page.getByRole('dialog', { name: 'Search, or jump to' });

  it('finds tasks by text and by a pasted id, pages and what this page offers', async () => {
    await page.goto(`${server.url}/repositories`);
    await page.getByText('git.example.org/acme/site').waitFor();
    await press('Control+k');
    await page.keyboard.type('failing sum');
    await palette()
      .getByRole('option', { name: /^Fix the failing/, selected: true })
      .waitFor();
    await press('Enter');
    await page.getByRole('heading', { name: 'Fix the failing sum test' }).waitFor();
    await press('Control+k');
    await page.keyboard.type(makeId('task', 6));
    await palette().getByText('Open').waitFor();
    await press('Enter');
    await page.getByRole('heading', { name: 'Rewrite the parser' }).waitFor();
    await press('Control+k');
    await page.keyboard.type('reposit');
    await palette()
      .getByRole('option', { name: /^Repositories/, selected: true })
      .waitFor();
    await press('Enter');
    await page.waitForURL('**/repositories');
    await press('Control+k');
    await page.keyboard.type('add a repo');
    await palette()
      .getByRole('option', { name: /^Add a repository/, selected: true })
      .waitFor();
    await press('Enter');
    await page.getByRole('dialog', { name: 'Add a repository' }).waitFor();
  });

  it('takes up what a page offers that comes after it was opened', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((done) => (letGo = done));
    await page.route('**/repositories-page-*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(server.url);
    await page.getByText('Live', { exact: true }).first().waitFor();
    await press('g', 'r', 'Control+k');
    await page.keyboard.type('add a repo');
    await palette().getByText('Nothing fits.').waitFor();
    letGo();
    await palette()
      .getByRole('option', { name: /^Add a repository/, selected: true })
      .waitFor();
  });

  it('gives the focus back', async () => {
    await page.goto(server.url);
    await button('Search').focus();
    await press('Enter');
    await palette().waitFor();
    await press('Escape');
    await palette().waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Search');
  });
});

describe('now', () => {
  it('puts first what needs a person, and says what', async () => {
    await page.goto(server.url);
    await group('Needs you').getByText('Speed up the search').waitFor();
    await group('Needs you').getByText('npm publish --dry-run').waitFor();
    await group('Failed').getByText('Rewrite the parser').waitFor();
    await group('Ready for review').getByText('Fix the failing sum test').waitFor();
    await group('Queued').getByText('Nightly check').waitFor();
    expect(await page.title()).toMatch(/^\(4\) Now/);
    await group('Failed').getByRole('button', { name: 'Retry Rewrite the parser' }).click();
    await page.mouse.move(2, 2);
    await group('Queued').getByText('Rewrite the parser').waitFor();
  });

  it('moves nothing under the pointer', async () => {
    await page.goto(server.url);
    const card = group('Queued').getByRole('listitem').filter({ hasText: 'Explain this repository' });
    await card.hover();
    const task = server.world.tasks.find(({ id }) => id === makeId('task', 1));
    const part = { status: 'running', reason: null, reasonText: null, updatedAt: ago(0) } as const;
    Object.assign(task ?? {}, part);
    server.notify('task', makeId('task', 1));
    await card.getByText('Running').waitFor();
    await button('1 moved, show').click();
    await group('Working').getByText('Explain this repository').waitFor();
  });

  it('is a board for who wants one, and stays one', async () => {
    await page.goto(server.url);
    await button(/^Board$/).click();
    await page.waitForURL('**/?view=board');
    await page.goto(server.url);
    expect(await button(/^Board$/).getAttribute('aria-pressed')).toBe('true');
  });

  it('is calm when there is nothing', async () => {
    Object.assign(server.world, emptyWorld());
    await page.goto(server.url);
    await page.getByText('No task yet.').waitFor();
    await page.getByText('No worker is online, so nothing starts.').waitFor();
  });
});

describe('repositories, by keyboard alone', () => {
  it('are added, given rules and secrets, and a removed rule comes back', async () => {
    await page.goto(`${server.url}/repositories`);
    await page.getByText('git.example.org/acme/site').waitFor();
    await press('a');
    await page.getByLabel('Address').focus();
    await page.keyboard.type('https://git.example.org/acme/shop.git');
    await press('Enter');
    await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
    await button('Set a secret…').focus();
    await press('Enter');
    await page.getByLabel('Value').focus();
    await page.keyboard.type('not-a-real-secret');
    await press('Enter');
    await page.getByText('for git and the API').waitFor();
    await button('Add a rule…').focus();
    await press('Enter');
    await page.getByLabel('Command, path or address').focus();
    await page.keyboard.type('npm test *');
    await press('Enter');
    const rule = page.getByRole('list', { name: 'Approval rules' }).getByText('npm test *');
    await rule.waitFor();
    await button('Remove: allow Bash npm test *').focus();
    await press('Enter');
    await rule.waitFor({ state: 'detached' });
    await button('Undo').focus();
    await press('Enter');
    await rule.waitFor();
    expect(JSON.stringify(server.world.secrets)).not.toContain('not-a-real-secret');
  });

  it('change the order of rules, and lose trust with a way back', async () => {
    await page.goto(`${server.url}/repositories/api`);
    await button('Move up: deny Bash git push --force *').click();
    await page.getByRole('list', { name: 'Approval rules' }).getByRole('listitem').first().getByText('deny').waitFor();
    await button('Take the trust back').click();
    await page.getByText('api is not trusted any more.').waitFor();
    expect(server.world.repositories[0]?.trusted).toBe(false);
    await button('Undo').click();
    await button('Take the trust back').waitFor();
  });
});

describe('the list of tasks', () => {
  const filter = () => page.getByRole('combobox', { name: 'Filter the tasks' });

  it('completes a filter at the cursor, and names what is wrong', async () => {
    await page.goto(`${server.url}/tasks`);
    await page.getByText('Fix the failing sum test').first().waitFor();
    await press('/');
    await page.keyboard.type('sta');
    await page.getByRole('option', { name: 'status:' }).waitFor();
    await press('ArrowDown', 'Enter');
    await page.keyboard.type('time');
    await press('Tab');
    await page.getByText('1 task match').waitFor();
    expect(await filter().inputValue()).toBe('status:timed_out ');
    await filter().fill('stattus:failed');
    await page.getByText('did you mean status?').waitFor();
    await button('Use status').click();
    await page.getByText('1 task match').waitFor();
    expect(await filter().inputValue()).toBe('status:failed');
  });

  it('selects rows one by one, as a range and all that are shown', async () => {
    await page.goto(`${server.url}/tasks`);
    await page.getByText('Fix the failing sum test').first().waitFor();
    const checked = () => page.getByRole('checkbox', { checked: true }).count();
    await press('j', 'x');
    await expect(checked()).resolves.toBe(1);
    await press('J', 'J');
    await expect(checked()).resolves.toBe(3);
    await press('Escape');
    await expect(checked()).resolves.toBe(0);
  });

  it('does one thing to everything that a filter finds, counted first', async () => {
    await page.goto(`${server.url}/tasks?filter=status:failed,timed_out`);
    await page.getByText('2 tasks match').waitFor();
    await press('X', 'l');
    await page.getByRole('dialog').getByLabel('Labels to add').fill('seen');
    await button('Label 2 tasks').click();
    await page.getByText('2 of 2 labelled').waitFor();
    expect(server.world.tasks.filter(({ labels }) => labels.includes('seen'))).toHaveLength(2);
    await page.goto(`${server.url}/tasks`);
    await page.getByText('69 tasks').waitFor();
    await press('j', 'x');
    await button(/^Select all 69/).click();
    await button('Retry…').click();
    await button('Retry 66 tasks').waitFor();
  });

  it('keeps a filter as a view, and gives a deleted one back', async () => {
    await page.goto(`${server.url}/tasks?filter=status:failed`);
    await page.getByText('1 task match').waitFor();
    await press('s');
    await page.getByLabel('Name', { exact: true }).fill('Broken');
    await press('Enter');
    await button(/^Broken 1/).waitFor();
    await button(/^View$/).click();
    await button('Delete the view').click();
    await button(/^Broken/).waitFor({ state: 'detached' });
    await button('Undo').click();
    await button(/^Broken 1/).waitFor();
  });

  it('draws only what is near the window', async () => {
    await page.goto(`${server.url}/tasks`);
    await button('Load more').click();
    await button('Load more').waitFor({ state: 'detached' });
    expect(await page.getByRole('listitem').count()).toBeLessThan(40);
  });

  it('shows a task in short and chosen columns', async () => {
    await page.goto(`${server.url}/tasks`);
    await page.getByText('Fix the failing sum test').first().waitFor();
    await press('j', ' ');
    const peek = page.getByRole('dialog', { name: 'Speed up the search in the catalogue page' });
    await peek.getByText('Prompt 2').waitFor();
    await press('Escape');
    await peek.waitFor({ state: 'detached' });
    await button('Columns').click();
    await page.getByLabel('Pool').check();
    await page.getByText('pool gpu').waitFor();
    await page.reload();
    await page.getByText('pool gpu').waitFor();
  });
});

describe('a new task', () => {
  it('of a registered repository says who would take it', async () => {
    await page.goto(`${server.url}/repositories/api`);
    await page.getByRole('link', { name: 'New task here' }).click();
    await page.getByLabel('Prompt').fill('Do it');
    await page.getByText('3 workers could take it now.').waitFor();
    await page.getByText('The last 12 tasks of acme/api: median est. $0.62, 7:00, 92 % succeeded.').waitFor();
    expect(await page.getByLabel('Registered repository').inputValue()).toBe('api');
  });

  it('is made of each point of a list', async () => {
    await page.goto(`${server.url}/new`);
    await page.getByLabel('Prompt').fill('- Fix the first\n- Leave this\n- Fix the second');
    await button('Make 3 tasks of the list…').click();
    await page.getByLabel('Leave this').uncheck();
    await button('Submit them').click();
    await page.waitForURL('**/tasks');
    const titles = server.world.tasks.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(['Fix the first', 'Fix the second']));
    expect(titles).not.toContain('Leave this');
  });
});

describe('where one is', () => {
  it('is said in the navigation and in the tab', async () => {
    server.world.instance = { name: 'prod', colour: 'red' };
    await page.goto(server.url);
    await page.getByRole('link', { name: 'prod' }).first().waitFor();
    expect(await page.title()).toMatch(/^\[prod\] \(4\) Now/);
  });
});

describe('a transcript', () => {
  beforeEach(() => page.goto(`${server.url}/tasks/${makeId('task', 3)}`));

  it('is searched, and walked from failure to failure', async () => {
    await page.getByText('I run the tests first').waitFor();
    await press('/');
    await page.keyboard.type('total.js');
    await page.getByText('1 found').waitFor();
    await press('Enter', 'Escape');
    await page.waitForURL(/#ev-\d+$/);
    const first = page.url();
    await press('f');
    await page.waitForURL((url) => url.href !== first);
  });

  it('is shorter as a summary, and stays so', async () => {
    await page.getByText('Thinking').waitFor();
    await button('Summary').click();
    await page.getByText('Thinking').waitFor({ state: 'detached' });
    await page.getByText('Read · Edit').waitFor();
    await page.reload();
    await page.getByText('Read · Edit').waitFor();
  });

  it('shows its change file by file, in two columns, with what was viewed', async () => {
    await page.getByText('I run the tests first').waitFor();
    await press('2');
    await page.getByText('4 files changed').waitFor();
    await press('u', ']', 'v');
    await page.getByText('1 of 4 viewed').waitFor();
    await page.reload();
    await page.getByText('1 of 4 viewed').waitFor();
    await button('Two columns').waitFor();
  });
});
