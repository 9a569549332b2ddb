// What the pages do while things change around them, in a real browser.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { dashboardDir, expectSoon, launchBrowser } from './browser.js';
import { FixtureServer } from './fixture-server.js';
import { emptyWorld, sampleWorld } from './fixture-world.js';
import { ago, makeEvents, makeId, makeRun, makeTask } from './make.js';

let browser: Browser;
let server: FixtureServer;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await FixtureServer.start({ dashboardDir, open: true });
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

const liveTask = makeId('task', 2);
const liveRun = makeId('run', 2);
const row = (title: string) => page.getByRole('listitem').filter({ hasText: title });
const button = (name: string | RegExp) => page.getByRole('button', { name });

describe('the list', () => {
  it('patches rows in place and announces new ones instead of moving what is there', async () => {
    await page.goto(`${server.url}/tasks`);
    await row('Speed up the search').getByText('Running').waitFor();
    const task = server.world.tasks.find(({ id }) => id === liveTask);
    if (task === undefined) throw new Error('the sample has a live task');
    Object.assign(task, { status: 'failed', reasonText: 'It broke.', updatedAt: ago(0) });
    const fresh = makeTask(500, makeRun(500, { status: 'queued', createdAt: ago(0) }), { title: 'Quite new' });
    server.world.tasks.push(fresh);
    server.notify('task', liveTask);
    server.notify('task', fresh.id);
    await row('Speed up the search').getByText('Failed').waitFor();
    await button('1 new, show').waitFor();
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(task.title);
    await button('1 new, show').click();
    await page.getByRole('heading', { level: 2 }).first().getByText('Quite new').waitFor();
    await button('1 new, show').waitFor({ state: 'detached' });
  });

  it('keeps filters in the address and loads more by page', async () => {
    await page.goto(`${server.url}/tasks`);
    await page.getByText('69 tasks').waitFor();
    await button('Load more').click();
    await button('Load more').waitFor({ state: 'detached' });
    await page.keyboard.press('End');
    await row('Task 159').waitFor();
    await page.keyboard.press('Home');
    const filter = page.getByRole('combobox', { name: 'Filter the tasks' });
    await filter.fill('status:failed,timed_out ');
    await page.getByText('2 tasks match').waitFor();
    await filter.fill('status:failed,timed_out parser');
    await page.waitForURL(/filter=status%3Afailed%2Ctimed_out\+parser/);
    await page.reload();
    await page.getByText('1 task match').waitFor();
    expect(await filter.inputValue()).toBe('status:failed,timed_out parser');
  });

  it('says what to do first when there is nothing yet', async () => {
    Object.assign(server.world, emptyWorld());
    await page.goto(`${server.url}/tasks`);
    await page.getByText('No task yet.').waitFor();
    await page.getByText('corch run').waitFor();
    const fresh = makeTask(1, makeRun(1, { status: 'queued', createdAt: ago(0) }), { title: 'The first' });
    server.world.tasks.push(fresh);
    server.notify('task', fresh.id);
    await row('The first').waitFor();
  });

  it('is walked by keys, until they are switched off', async () => {
    await page.goto(`${server.url}/tasks`);
    await row('Speed up the search').waitFor();
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/tasks/${makeId('task', 1)}`);
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await page.waitForURL('**/workers');
    await page.keyboard.press('?');
    await page.getByLabel('Single keys do something').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('c');
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    expect(page.url()).toMatch(/workers$/);
  });
});

describe('adding a worker', () => {
  it('shows the line to type with the token in a file, and what was made can be revoked', async () => {
    await page.goto(`${server.url}/workers`);
    await button('Add a worker').click();
    const line = page.getByText('umask 077');
    await line.waitFor();
    expect(await line.textContent()).toContain(`corch worker start --url ${server.url} --token-file`);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Open enrolments' }).waitFor();
    expect(server.world.enrolments).toHaveLength(2);
    for (const left of [1, 0]) {
      await button(/Revoke the enrolment/)
        .first()
        .click();
      await page.waitForFunction(
        (count) => document.querySelectorAll('[aria-label^="Revoke the enrolment"]').length === count,
        left,
      );
    }
    expect(server.world.enrolments).toEqual([]);
  });
});

describe('the first load', () => {
  it('is at most 250 kB of JavaScript, compressed', async () => {
    const scripts: Promise<number>[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
    });
    await page.goto(server.url);
    await row('Speed up the search').first().waitFor();
    const sizes = await Promise.all(scripts);
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  });
});

describe('a live transcript', () => {
  const say = (text: string) => {
    const seq = (server.world.events.get(liveRun)?.at(-1)?.seq ?? 0) + 1;
    const [event] = makeEvents([{ type: 'text', text }], seq);
    if (event !== undefined) server.append(liveRun, event);
  };
  const distanceToEnd = () =>
    page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight - window.scrollY);

  beforeEach(async () => {
    await page.goto(`${server.url}/tasks/${liveTask}`);
    await page.getByRole('status', { name: 'Connection: Live' }).waitFor();
  });

  it('goes on after a dropped connection without a gap or a repeat', async () => {
    say('before the drop');
    await page.getByText('before the drop').waitFor();
    server.dropStreams();
    say('during the drop');
    await page.getByText('during the drop').waitFor();
    await page.getByRole('status', { name: 'Connection: Live' }).waitFor();
    say('after the drop');
    await page.getByText('after the drop').waitFor();
    for (const text of ['before', 'during', 'after']) {
      expect(await page.getByText(`${text} the drop`).count()).toBe(1);
    }
  });

  it('follows its end until the reader scrolls up, counts, and follows again', async () => {
    await page.waitForFunction(() => window.scrollY > 100);
    say('one more\n\n'.repeat(30));
    await page.getByText('one more').first().waitFor();
    await expectSoon(page, distanceToEnd, (distance) => distance < 8);
    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, -600);
    await button('Follow').waitFor();
    say('unseen');
    await button('1 new').waitFor();
    expect(await distanceToEnd()).toBeGreaterThan(120);
    await button('1 new').click();
    await expectSoon(page, distanceToEnd, (distance) => distance < 8);
    await button('1 new').waitFor({ state: 'detached' });
  });
});

describe('a task', () => {
  it('of 20,000 events opens at the linked one and draws only what is near', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 9)}#ev-12346`);
    const linked = page.locator('#ev-12346');
    await linked.waitFor();
    await linked.getByText('Step 12345').waitFor();
    await page.waitForFunction(() => {
      const box = document.getElementById('ev-12346')?.getBoundingClientRect();
      return box !== undefined && box.top > 0 && box.bottom < window.innerHeight;
    });
    expect(await page.getByRole('listitem').count()).toBeLessThan(800);
  });

  it('is cancelled with a mark at once, retried and deleted', async () => {
    await page.goto(`${server.url}/tasks/${liveTask}`);
    await button('Cancel').click();
    await button('Cancelling…').waitFor();
    await page.goto(`${server.url}/tasks/${makeId('task', 6)}`);
    await page.getByText('The run took longer than its timeout.').waitFor();
    await button('Retry').click();
    await page.getByText('Queued').first().waitFor();
    await page.getByLabel('Run', { exact: true }).waitFor();
    await page.goto(`${server.url}/tasks/${makeId('task', 7)}`);
    await button('Delete').click();
    await button('Delete the task').click();
    await page.waitForURL('**/tasks');
    expect(server.world.tasks.some(({ id }) => id === makeId('task', 7))).toBe(false);
  });

  it('has a line for each thing that a person can do with it', async () => {
    const id = makeId('task', 3);
    await page.goto(`${server.url}/tasks/${id}`);
    await button('Commands for this task').click();
    for (const line of [`retry ${id}`, `retry ${id} --continue`, `fork ${id} "…"`, `rm ${id}`]) {
      await page.getByRole('button', { name: `Copy: corch ${line}`, exact: true }).waitFor();
    }
    await page.getByText(`/tasks/${id}/retry -H 'content-type: application/json' -d '{"from":"continue"}'`).waitFor();
  });

  it('gives the focus back when a window or the editor of the title is closed', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 3)}`);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await button('Commands for this task').click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Commands for this task');
    await button('Edit the title').click();
    await page.getByLabel('Title').press('Escape');
    expect(await focused()).toBe('Edit the title');
  });

  it('is renamed at once and gets its old title back when that is refused', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 3)}`);
    await button('Edit the title').click();
    server.failWith = 'forbidden';
    await page.getByLabel('Title').fill('Another title');
    await page.keyboard.press('Enter');
    await page.getByText('Not renamed').waitFor();
    await page.getByRole('heading', { name: 'Fix the failing sum test' }).waitFor();
    server.failWith = null;
    await button('Retry').last().click();
    await page.getByRole('heading', { name: 'Another title' }).waitFor();
  });
});

describe('a new task', () => {
  it('keeps its draft, shows what the orchestrator refuses at the field, and is submitted by key', async () => {
    await page.goto(`${server.url}/new`);
    await page.getByLabel('Prompt').fill('Do something useful');
    await page.getByLabel('A path on the worker').check();
    await page.getByLabel('Path', { exact: true }).fill('/missing');
    await page.reload();
    expect(await page.getByLabel('Prompt').inputValue()).toBe('Do something useful');
    await page.getByLabel('Prompt').press('Control+Enter');
    await page.getByText('there is nothing at this path', { exact: false }).waitFor();
    await page.getByLabel('Path', { exact: true }).fill('/there');
    await page.getByLabel('Path', { exact: true }).press('Control+Enter');
    await page.getByRole('heading', { name: 'Do something useful' }).waitFor();
    await page.goto(`${server.url}/new`);
    expect(await page.getByLabel('Prompt').inputValue()).toBe('');
  });
});

describe('access', () => {
  beforeEach(async () => {
    await server.stop();
    server = await FixtureServer.start({ dashboardDir, world: sampleWorld(100) });
  });

  it('signs in with a link that leaves no trace, and with a key', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 3)}`);
    await page.waitForURL('**/sign-in?next=*');
    await page.getByLabel('API key').fill('wrong');
    await button('Sign in').click();
    await page.getByText('No such key').waitFor();
    await page.getByLabel('API key').fill('corch_right');
    expect(await page.getByText('No such key').count()).toBe(0);
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'Fix the failing sum test' }).waitFor();
    await button('Account and theme').click();
    await button('Sign out').click();
    await page.waitForURL('**/sign-in');
    await page.goto(`${server.url}/sign-in#link=used`);
    await page.getByText('The link does not work any more').first().waitFor();
    expect(page.url()).not.toContain('used');
    await page.goto('about:blank');
    await page.goto(`${server.url}/sign-in#link=fresh`);
    await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
    expect(server.asked.filter((line) => line === 'POST /api/v1/session')).toHaveLength(4);
  });

  it('hides what the scope does not allow and says who can change that', async () => {
    server.scope = 'read';
    await page.goto(`${server.url}/sign-in#link=fresh`);
    await row('Speed up the search').first().waitFor();
    expect(await page.getByRole('link', { name: 'New task' }).count()).toBe(0);
    await page.goto(`${server.url}/settings/keys`);
    await page.getByText('This needs the scope “admin”').waitFor();
    await page.goto(`${server.url}/tasks/${liveTask}`);
    await page.getByRole('heading', { name: 'Speed up the search' }).waitFor();
    expect(await button('Cancel').count()).toBe(0);
  });
});

describe('an orchestrator that goes away', () => {
  it('is missed, asked again, and read anew when it is back', async () => {
    await page.goto(`${server.url}/tasks`);
    await row('Speed up the search').waitFor();
    const { port, world } = server;
    await server.stop();
    await page.getByText('it may be restarting').waitFor();
    await row('Speed up the search').waitFor();
    const task = world.tasks.find(({ id }) => id === liveTask);
    Object.assign(task ?? {}, { status: 'failed', updatedAt: ago(0) });
    server = await FixtureServer.start({ dashboardDir, open: true, world, port });
    await row('Speed up the search').getByText('Failed').waitFor();
    await page.getByText('it may be restarting').waitFor({ state: 'detached' });
  });

  it('shows an error with its request id and a way to try again', async () => {
    await page.goto(`${server.url}/settings/keys`);
    await page.getByText('this machine').waitFor();
    server.failWith = 'forbidden';
    await page.getByRole('link', { name: 'Workers' }).first().click();
    await page.getByText('req_fixture').waitFor();
    server.failWith = null;
    await button('Try again').click();
    await page.getByText('studio', { exact: true }).waitFor();
  });
});
