// What people say to tasks, in a real browser.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { dashboardDir, launchBrowser } from './browser.js';
import { FixtureServer } from './fixture-server.js';

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

const field = () => page.getByLabel('Message to Claude');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const idOf = (status: string) => {
  const task = server.world.tasks.find((one) => one.status === status && one.executor === 'claude');
  if (task === undefined) throw new Error(`the sample has no task that is ${status}`);
  return task.id;
};

describe('the composer', () => {
  it('keeps what is typed over a reload, and says it once', async () => {
    await page.goto(`${server.url}/tasks/${idOf('running')}`);
    await field().fill('Use port 8080.');
    await page.reload();
    expect(await field().inputValue()).toBe('Use port 8080.');
    await button('Send').click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    expect(server.world.said).toEqual([{ text: 'Use port 8080.', comments: [], interrupt: false }]);
    await page.reload();
    expect(await field().inputValue()).toBe('');
  });

  it('stops the turn first when that is asked for', async () => {
    await page.goto(`${server.url}/tasks/${idOf('running')}`);
    await button('Interrupt').waitFor();
    await field().fill('Not so.');
    await button('Interrupt and send').click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    expect(server.world.said).toMatchObject([{ text: 'Not so.', interrupt: true }]);
  });

  it('collects comments on lines of the change and sends them as one message', async () => {
    await page.goto(`${server.url}/tasks/${idOf('succeeded')}?tab=changes`);
    const plus = button(/^Comment on line \d+$/).first();
    await plus.click();
    await page.getByLabel(/^Comment on .*, line/).fill('Why this?');
    await button('Add to the message').click();
    await page.getByRole('list', { name: 'Comments that go along' }).getByText('Why this?').waitFor();
    await page.reload();
    await page.getByRole('list', { name: 'Comments that go along' }).getByText('Why this?').waitFor();
    await button('Send').click();
    await page.getByRole('list', { name: 'Comments that go along' }).waitFor({ state: 'detached' });
    expect(server.world.said).toMatchObject([{ comments: [{ side: 'new', text: 'Why this?' }] }]);
  });
});

describe('a task that has ended', () => {
  it('goes on in its session, or begins anew', async () => {
    const id = idOf('succeeded');
    await page.goto(`${server.url}/tasks/${id}?tab=runs`);
    await button('Continue session').click();
    await page.getByText('goes on where run 1 stopped').waitFor();
    await button('Continue session').waitFor({ state: 'detached' });
  });

  it('is forked into a new task', async () => {
    const id = idOf('succeeded');
    await page.goto(`${server.url}/tasks/${id}`);
    await button('Fork…').click();
    await page.getByLabel('What the new task shall do').fill('Try it otherwise.');
    await button('Open the task').click();
    await page.getByRole('heading', { name: 'Try it otherwise.' }).waitFor();
    expect(page.url()).not.toContain(id);
    const [fork, source] = [server.world.tasks[0], server.world.tasks.find((one) => one.id === id)];
    expect(fork?.currentRun).toMatchObject({ trigger: 'fork', continuesRunId: source?.currentRunId });
  });

  it('delivers its change as a pull request', async () => {
    const source = server.world.tasks.find(({ stat, repository }) => stat !== null && repository !== undefined);
    await page.goto(`${server.url}/tasks/${source?.id}`);
    await button('Pull request…').click();
    await page.getByLabel('Into').fill('release-2');
    await page.getByLabel('As a draft').check();
    await page.getByText(`corch pr ${source?.id} --draft --base release-2`).waitFor();
    await button('Open the pull request').click();
    await page.getByRole('link', { name: 'pull request #7' }).waitFor();
    await button('Pull request…').waitFor({ state: 'detached' });
  });
});
