// What happens when something goes wrong, comes twice, or comes from elsewhere.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { dashboardDir, launchBrowser } from './browser.js';
import { makeApproval } from './fixture-approvals.js';
import { FixtureServer } from './fixture-server.js';
import { ago, makeId } from './make.js';
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

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const filter = () => page.getByRole('combobox', { name: 'Filter the tasks' });

describe('the filter', () => {
  it('shows what the address says, also when that is the beginning of what was typed', async () => {
    await page.goto(`${server.url}/tasks?filter=status:failed`);
    await page.getByText('1 task match').waitFor();
    await page.goto(`${server.url}/tasks?filter=status:failed+label:none`);
    await page.getByText('0 tasks match').waitFor();
    await page.evaluate(() => history.back());
    await page.getByText('1 task match').waitFor();
    expect(await filter().inputValue()).toBe('status:failed');
    expect(new URL(page.url()).searchParams.get('filter')).toBe('status:failed');
  });

  it('is completed by Tab to what begins so, not to what only holds it', async () => {
    await page.goto(`${server.url}/tasks`);
    await filter().fill('status:ed');
    await page.getByRole('option').first().waitFor();
    await filter().press('Tab');
    expect(await filter().inputValue()).toBe('status:ed');
    await filter().fill('status:ca');
    await page.getByRole('option', { name: /^cancelled/ }).waitFor();
    await filter().press('Tab');
    await page.waitForFunction(() => document.querySelector('input')?.value === 'status:cancelled ');
  });
});

describe('an Undo', () => {
  it('that fails says so, when the part of the page that offered it is gone, and can be tried again', async () => {
    await page.goto(`${server.url}/repositories/api`);
    const rules = page.getByRole('list', { name: 'Approval rules' });
    await rules.getByText('git push --force *').waitFor();
    const count = await rules.getByRole('listitem').count();
    await page.getByRole('button', { name: /^Remove: .*git push --force/ }).click();
    await page.getByText('The rule is removed.').waitFor();
    await rules.getByText('git push --force *').waitFor({ state: 'detached' });
    server.failWith = 'unavailable';
    await button('Undo').click();
    await page.getByText('Not undone:').waitFor();
    server.failWith = null;
    await button('Retry').click();
    await rules.getByText('git push --force *').waitFor();
    expect(await rules.getByRole('listitem').count()).toBe(count);
  });
});

describe('many tasks', () => {
  it('are made once each, whatever got lost, and what was left out stays in the form', async () => {
    const keys = new Map<string, Set<string>>();
    let isLost = true;
    await page.route('**/api/v1/tasks', async (route) => {
      const request = route.request();
      if (request.method() !== 'POST') return route.continue();
      const { prompt } = request.postDataJSON() as { prompt: string };
      keys.set(prompt, (keys.get(prompt) ?? new Set()).add(request.headers()['idempotency-key'] ?? ''));
      // The orchestrator never hears of it, or its answer gets lost: the page cannot tell.
      return isLost && prompt === 'Second' ? route.abort() : route.continue();
    });
    const before = server.world.tasks.length;
    await page.goto(`${server.url}/new`);
    await page.getByLabel('Prompt').fill('- First\n- Second\n- Third\n- Third');
    const open = () => page.getByRole('button', { name: /^Make 4 tasks of the list/ }).click();
    await open();
    await page.getByRole('checkbox', { name: 'Third' }).last().uncheck();
    await button('Submit them').click();
    await page.getByText('1 of 3 were submitted; then it went wrong.').waitFor();
    await button('Back to the form').click();
    await page.reload();
    await open();
    await page.getByText('submitted', { exact: true }).waitFor();
    isLost = false;
    await page.getByRole('checkbox', { name: 'Third' }).last().uncheck();
    await button('Submit the rest').click();
    await page.waitForURL('**/tasks');
    expect(server.world.tasks.slice(before).map(({ title }) => title)).toEqual(['First', 'Second', 'Third']);
    expect([...keys.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    await page.goto(`${server.url}/new`);
    expect(await page.getByLabel('Prompt').inputValue()).toBe('Third');
  });

  it('that are refused are named, and the others are made', async () => {
    await page.goto(`${server.url}/new`);
    await page.route('**/api/v1/tasks', (route) => {
      if (route.request().postData()?.includes('"First"') !== true) return route.continue();
      const said = {
        title: 'Not valid',
        detail: 'too short a prompt',
        requestId: 'req_x',
        retryable: false,
        hint: 'Mend it.',
      };
      const json = { type: 'about:x', status: 422, code: 'validation_failed', ...said };
      return route.fulfill({ status: 422, contentType: 'application/problem+json', json });
    });
    await page.getByLabel('Prompt').fill('- First\n- Second');
    await page.getByRole('button', { name: /^Make 2 tasks/ }).click();
    await button('Submit them').click();
    await page.getByText('1 of 2 were submitted; the others were refused.').waitFor();
    await page.getByText('too short a prompt').waitFor();
    await page.getByText('submitted', { exact: true }).waitFor();
  });
});

describe('find', () => {
  it('finds in a summary what is folded or left out, and shows it', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 3)}`);
    await button('Summary').click();
    const found = page.getByRole('status').filter({ hasText: / found| of / });
    await page.getByLabel('Find in the transcript').last().fill('return a - b');
    await found.waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('return a - b;').first().waitFor();
    await page.getByLabel('Find in the transcript').last().fill('which function is off');
    await page.getByText('1 found').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('article:focus').getByText('which function is off').last().waitFor();
    expect(await button('Summary').getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the title of the tab', () => {
  it('counts what waits for a person, and no more once nobody is signed in', async () => {
    server.world.approvals.push(makeApproval(2), makeApproval(3));
    await page.goto(server.url);
    await page.waitForFunction(() => document.title.startsWith('(2) Now'));
    await button('Account and theme').click();
    server.failWith = 'unauthenticated';
    await button('Sign out').click();
    await page.waitForURL('**/sign-in*');
    await page.waitForFunction(() => document.title.startsWith('Sign in'));
  });
});

describe('the fleet', () => {
  it('has the same numbers on Now and under Workers', async () => {
    await page.goto(server.url);
    const fleet = page.getByLabel('Fleet');
    await fleet.getByText(/^\d+ of \d+$/).waitFor();
    const slots = await fleet.getByText(/^\d+ of \d+$/).textContent();
    await page.getByRole('link', { name: 'Workers', exact: true }).first().click();
    await page.getByText(`online, ${slots} of their slots used`).waitFor();
  });
});

describe('Now', () => {
  it('says which of its lists could not be read, and shows the others', async () => {
    await page.route(/api\/v1\/tasks\?.*ended%3A1d/, (route) => route.abort());
    await page.goto(server.url);
    await page.getByRole('region', { name: 'Working' }).getByText('Speed up the search').waitFor();
    await page.getByRole('region', { name: 'Done' }).getByText('This list could not be read.').waitFor();
    await page.unroute(/api\/v1\/tasks\?.*ended%3A1d/);
    await button('Try again').click();
    await page.getByText('This list could not be read.').waitFor({ state: 'detached' });
  });
});

describe('a change that is too big', () => {
  it('is said to be so, with where it lies', async () => {
    const task = server.world.tasks.find(({ id }) => id === makeId('task', 4));
    Object.assign(task?.currentRun ?? {}, { stat: { files: 3, additions: 9_000_000, deletions: 1 }, endedAt: ago(1) });
    await page.goto(`${server.url}/tasks/${makeId('task', 4)}?tab=changes`);
    await page.getByText('The change is too big to be shown.').waitFor();
    await page.getByText('lies on the worker studio').waitFor();
  });
});
