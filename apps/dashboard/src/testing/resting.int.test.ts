// What rests, and what a person can do about it: parked runs, silent workers, drained workers, logins on hold.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { dashboardDir, launchBrowser } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { makeId } from './make.js';
import { restingWorld } from './resting-world.js';

let browser: Browser;
let server: FixtureServer;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await FixtureServer.start({ dashboardDir, open: true, world: restingWorld(100) });
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

const row = (title: string) => page.getByRole('listitem').filter({ hasText: title });
const button = (name: string | RegExp) => page.getByRole('button', { name });
const open = (n: number) => page.goto(`${server.url}/tasks/${makeId('task', n)}`);

describe('a parked task', () => {
  it('says that the plan limit is reached and when it goes on, in the time of the reader', async () => {
    await page.goto(`${server.url}/tasks`);
    await row('Translate the handbook').getByText('Plan limit', { exact: true }).waitFor();
    const said = await row('Translate the handbook').getByText('it goes on at').textContent();
    expect(said).toMatch(/goes on at .*\d?\d:\d\d/);
    expect(said).not.toMatch(/\dT\d/);
    await open(10);
    await page
      .getByRole('status')
      .filter({ hasText: 'Plan limit' })
      .getByText(/, resets .*\d:\d\d/)
      .waitFor();
  });
});

describe('a task whose worker is silent', () => {
  it('says with whose session it goes on, and is taken from there after a question', async () => {
    await open(11);
    await page.getByText('goes on with the session of').waitFor();
    await button('Release…').click();
    await page.getByText('up to one turn is repeated', { exact: false }).waitFor();
    await button('Leave it there').click();
    expect(server.asked.filter((line) => line.startsWith('POST'))).toEqual([]);
    await button('Release…').click();
    await button('Release the task').click();
    await page.getByText('Its worker handed it back').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button('Release…').count()).toBe(0);
  });

  it('stays there when the worker is back meanwhile', async () => {
    await open(11);
    await button('Release…').click();
    const task = server.world.tasks.find(({ id }) => id === makeId('task', 11));
    Object.assign(task ?? {}, { reason: null, reasonText: null });
    await button('Release the task').click();
    await page.getByText('answers and works on it').waitFor();
  });

  it('is left to admins', async () => {
    server.scope = 'submit';
    await open(11);
    await button('Cancel').waitFor();
    expect(await button('Release…').count()).toBe(0);
  });
});

describe('a task in line', () => {
  it('asks what keeps each worker only when somebody wants to know', async () => {
    const asks = () => server.asked.filter((line) => line.endsWith('/why')).length;
    await open(12);
    await button('Which workers could take it?').waitFor();
    expect(asks()).toBe(0);
    await button('Which workers could take it?').press('Enter');
    const worker = (name: string) => page.getByRole('list', { name: 'What keeps each worker' }).getByText(name);
    await worker('barn').waitFor();
    expect(await page.getByRole('list', { name: 'What keeps each worker' }).textContent()).toMatch(
      /studio could take it.*cellar is offline.*barn is paused.*loft takes nothing: The plan limit .* resets at/,
    );
    await page.getByText('2 runs of its pool go first.').waitFor();
    expect(asks()).toBeGreaterThan(0);
  });
});

describe('workers', () => {
  beforeEach(async () => {
    await page.goto(`${server.url}/workers`);
    await row('bench').getByText('Draining').waitFor();
  });

  it('are paused, drained with a time, and resumed', async () => {
    await button('Pause studio').click();
    await row('host-1.local').getByText('Paused').waitFor();
    await button('Drain studio').click();
    await page.getByLabel('in 1 hour').check();
    await page.getByText('corch worker drain studio --grace 1h').waitFor();
    await button('Drain the worker').click();
    await row('host-1.local').getByText('Draining').waitFor();
    const until = Date.parse(server.world.workers[0]?.drainBy ?? '') - Date.now();
    expect(Math.round(until / 60_000)).toBe(60);
    await button('Resume studio').click();
    await button('Pause studio').waitFor();
  });

  it('say why they take nothing, and try a login again', async () => {
    await row('host-5.local').getByText('0.4 GB left').waitFor();
    await row('host-7.local')
      .getByText(/has reached its plan limit; .* One run tries it at .*\d:\d\d/)
      .waitFor();
    const alert = page.getByRole('alert').filter({ hasText: 'garden' });
    await alert.getByText('is refused (OAuth token has been revoked)').waitFor();
    await button('Try again: the login of garden').click();
    await alert.waitFor({ state: 'detached' });
    expect(server.world.workers.find(({ name }) => name === 'garden')?.loginHold).toBeNull();
  });

  it('alert once about all logins that need a person, on every page', async () => {
    const loft = server.world.workers.find(({ name }) => name === 'loft');
    Object.assign(loft?.loginHold ?? {}, { kind: 'billing', until: null });
    server.notify('worker', loft?.id ?? '');
    await page.getByRole('link', { name: 'Tasks' }).first().click();
    await page.getByRole('alert').getByText('nor on 1 other worker').waitFor();
    expect(await page.getByRole('alert').filter({ hasText: 'login' }).count()).toBe(1);
  });
});

describe('pools and limits', () => {
  const pool = (name: string) =>
    page.getByRole('list', { name: 'Pools' }).getByRole('listitem').filter({ hasText: name });

  it('are shown, set and taken away', async () => {
    await page.goto(`${server.url}/settings/pools`);
    await pool('gpu').getByText('0 of at most 2 running').waitFor();
    await pool('gpu').getByText('workers away for at most 2 min').waitFor();
    await button('Limits of the pool default').click();
    await page.getByLabel('Most runs at once').fill('0');
    await button('Set the limits').click();
    await page.getByText('Must be a whole number from 1 to 100,000, or empty.').waitFor();
    await page.getByLabel('Most runs at once').fill('1');
    await button('Set the limits').click();
    await pool('default').getByText('1 of at most 1 running').waitFor();
    await button('Limits of the pool default').click();
    await page.getByLabel('Most runs at once').fill('');
    await button('Set the limits').click();
    await pool('default').getByText('1 running', { exact: true }).waitFor();
  });

  it('of everything say what went wrong, and hold', async () => {
    await page.goto(`${server.url}/settings/limits`);
    await page.getByText('At most 12 at once in all pools').waitFor();
    await button('Change limits and retention').click();
    await page.getByLabel('Most runs at once in all pools').fill('99');
    await button('Save').click();
    await page.getByRole('dialog').getByText('Not available right now', { exact: true }).waitFor();
    await page.getByLabel('Most runs at once in all pools').fill('3');
    await page.getByLabel('Keep finished tasks for, in days').fill('');
    await button('Save').click();
    await page.getByText('At most 3 at once in all pools').waitFor();
    await page.getByText('Finished tasks are kept for ever').waitFor();
    expect(server.world.settings).toMatchObject({ maxRunning: 3, keepTasksDays: null });
  });
});

describe('the queues in Redis', () => {
  const link = () => page.getByRole('link', { name: 'Queues in Redis' });

  it('are one click away for admins', async () => {
    await page.goto(`${server.url}/settings/about`);
    expect(await link().getAttribute('href')).toBe('/ops');
  });

  it('are no matter for others, nor without Redis', async () => {
    server.scope = 'submit';
    await page.goto(`${server.url}/settings/about`);
    await page.getByText('Worker protocol').waitFor();
    expect(await link().count()).toBe(0);
    server.scope = 'admin';
    server.world.health.checks = {};
    await page.reload();
    await page.getByText('Worker protocol').waitFor();
    expect(await link().count()).toBe(0);
  });
});
