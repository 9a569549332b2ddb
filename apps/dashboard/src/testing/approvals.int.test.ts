// What Claude asks and people decide: the panel of a task, the inbox, the count in the bar.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  collectComplaints,
  dashboardDir,
  launchBrowser,
  picture,
  seriousViolations,
  sidewaysOverflow,
} from './browser.js';
import { makeApproval, sampleApprovals } from './fixture-approvals.js';
import { FixtureServer } from './fixture-server.js';
import { sampleWorld } from './fixture-world.js';
import { makeId } from './make.js';

let browser: Browser;
let server: FixtureServer;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const world = { ...sampleWorld(10), approvals: sampleApprovals() };
  const task = world.tasks.find(({ id }) => id === makeId('task', 2));
  Object.assign(task ?? {}, { reason: 'approval' });
  if (task !== undefined) {
    task.currentRun.reason = 'approval';
    task.spec.permissionPolicy = 'ask';
  }
  server = await FixtureServer.start({ dashboardDir, open: true, world });
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

const card = (name: string) => page.getByRole('article', { name });
const decision = (n: number) => server.world.approvals.find(({ id }) => id === makeId('appr', n))?.decision;
const openTask = () => page.goto(`${server.url}/tasks/${makeId('task', 2)}`);

describe('a task that asks', () => {
  it('is marked, and allowed once or for the run', async () => {
    await openTask();
    await page.getByRole('status').filter({ hasText: 'Needs you' }).waitFor();
    const command = card('Run a command');
    await command.getByText('npm publish --dry-run').waitFor();
    await command.getByText('Why it asks: This command reaches the network').waitFor();
    await command.getByRole('button', { name: 'Allow once' }).click();
    await command.waitFor({ state: 'detached' });
    expect(decision(1)).toMatchObject({ action: 'allow' });
    await card('Edit src/search.ts').getByRole('button', { name: 'Allow for this run' }).click();
    await card('Edit src/search.ts').waitFor({ state: 'detached' });
    expect(decision(2)).toMatchObject({ action: 'allow', scope: 'run' });
  });

  it('gets another command, or a denial with a reason', async () => {
    await openTask();
    const command = card('Run a command');
    await command.getByRole('button', { name: 'Edit…' }).click();
    await command.getByLabel('Command', { exact: true }).last().fill('npm pack');
    await command.getByRole('button', { name: 'Allow this' }).click();
    await command.waitFor({ state: 'detached' });
    expect(decision(1)).toMatchObject({ action: 'allow', input: { command: 'npm pack' } });
    const edit = card('Edit src/search.ts');
    await edit.getByRole('button', { name: 'Deny…' }).click();
    await edit.getByLabel('What Claude is told').fill('Keep the old one.');
    await edit.getByRole('button', { name: 'Deny', exact: true }).click();
    await edit.waitFor({ state: 'detached' });
    expect(decision(2)).toEqual({ action: 'deny', interrupt: false, message: 'Keep the old one.' });
  });

  it('gets answers to its questions, and its plan approved or sent back', async () => {
    await openTask();
    const question = card('Claude asks');
    await question.getByText('Full text').click();
    await question.getByRole('button', { name: 'Answer' }).click();
    await question.waitFor({ state: 'detached' });
    expect(decision(3)).toEqual({ action: 'answer', answers: { 'Which index should the search use?': 'Full text' } });
    const plan = card('Claude has a plan');
    await plan.getByRole('heading', { name: 'The plan', exact: true }).waitFor();
    await plan.getByRole('button', { name: 'Request changes…' }).click();
    await plan.getByLabel('What to change').fill('Measure first.');
    await plan.getByRole('button', { name: 'Request changes' }).click();
    await plan.waitFor({ state: 'detached' });
    expect(decision(4)).toMatchObject({ action: 'deny', message: 'Measure first.' });
  });

  it('says who was first', async () => {
    await openTask();
    await card('Run a command').waitFor();
    const first = server.world.approvals[0];
    Object.assign(first ?? {}, { status: 'denied', decidedBy: 'bob' });
    await card('Run a command').getByRole('button', { name: 'Allow once' }).click();
    await card('Run a command').waitFor({ state: 'detached' });
  });

  it('is only shown to who may not decide', async () => {
    server.scope = 'read';
    await openTask();
    await card('Run a command').getByText('scope submit').waitFor();
    expect(await page.getByRole('button', { name: 'Allow once' }).count()).toBe(0);
  });
});

describe('the inbox', () => {
  it('counts what waits in the bar, live, and lists it with what was decided', async () => {
    const complaints = collectComplaints(page);
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Approvals 4 waiting' }).first().click();
    await card('Claude has a plan').waitFor();
    await page.getByText('Denied by ann: Nobody rewrites main.').waitFor();
    server.world.approvals.push(makeApproval(2, { id: makeId('appr', 9), input: { command: 'make' } }));
    server.notify('approval', makeId('task', 2));
    await page.getByRole('link', { name: 'Approvals 5 waiting' }).first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('says that nothing waits', async () => {
    server.world.approvals = [];
    await page.goto(`${server.url}/approvals`);
    await page.getByText('Nothing waits for you.').waitFor();
    expect(await page.getByText('waiting').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('fits a phone, and can be read in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 375, height: 800 });
    for (const path of ['/approvals', `/tasks/${makeId('task', 2)}`]) {
      await page.goto(server.url + path);
      await card('Claude has a plan').waitFor();
      expect(await sidewaysOverflow(page)).toBe(0);
      expect(await seriousViolations(page)).toEqual([]);
      await picture(page, `approvals-${colorScheme}-${path.length}`);
    }
  });
});
