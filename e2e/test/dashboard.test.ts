import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startStack, type Stack } from '../src/stack.js';
import { collectComplaints, launchBrowser } from '../src/testing/browser.js';

let stack: Stack;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  stack = await startStack({ env: { LOST_AFTER_CAP_MS: '60000' } });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(30_000);
  complaints = collectComplaints(page);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const submit = async (prompt: string, path: string) => {
  await page.goto(`${stack.url}/new`);
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByLabel('A path on the worker').check();
  await page.getByLabel('Path', { exact: true }).fill(path);
  await page.getByRole('button', { name: 'Submit task' }).click();
};

describe('the dashboard on the real programs', () => {
  it('signs in by the one-time link and keeps the token out of the address', async () => {
    const { url } = await stack.client.createSignInLink();
    await page.goto(url);
    await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
    expect(page.url()).not.toContain('corch_link');
    await page.getByText('Live', { exact: true }).first().waitFor();
  });

  it('submits a task, shows it live, and ends with change and answer', async () => {
    await submit('Make notes [[scenario:edits]]', stack.repository('from-the-browser'));
    await page.getByRole('heading', { name: 'Make notes' }).waitFor();
    await page.getByText('Wrote notes.txt.').first().waitFor();
    await page.getByText('Done', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: /^Changes/ }).click();
    await page.getByText('notes.txt').first().waitFor();
    await page.getByText('three', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: /^Answer/ }).click();
    await page.getByText('Wrote notes.txt.').first().waitFor();
  });

  it('shows what a bad path does, in words', async () => {
    await submit('Nothing to see', `${stack.repositories}/nowhere`);
    await page.getByText('does not exist').first().waitFor();
    await page.getByText('Failed', { exact: true }).first().waitFor();
  });

  it('goes on by itself when the orchestrator restarts in the middle of a transcript, without gap or repeat', async () => {
    await submit('Slowly [[scenario:slow]]', stack.repository('slow-in-the-browser'));
    await page.getByText('I will go through this folder slowly', { exact: false }).first().waitFor();
    const taskId = /task_\w{26}/.exec(page.url())?.[0] ?? '';
    await stack.orchestrator.stop();
    await stack.startOrchestrator();
    await page.getByText('That was the first look', { exact: false }).first().waitFor();
    const first = page.locator('[id^="ev-"]').filter({ hasText: 'I will go through this folder slowly' });
    expect(await first.count()).toBe(1);

    await page.getByRole('button', { name: /^Cancel/ }).click();
    await page.getByText('Cancelled', { exact: true }).first().waitFor();
    expect((await stack.until(taskId)).status).toBe('cancelled');
  });

  it('says what is happening, and what can be found by a filter, kept as a view and changed at once', async () => {
    await page.goto(stack.url);
    await page.getByRole('region', { name: 'Ready for review' }).getByText('Make notes').waitFor();
    await page.getByRole('region', { name: 'Failed' }).getByText('Nothing to see').waitFor();
    await page.goto(`${stack.url}/tasks`);
    await page.getByRole('combobox', { name: 'Filter the tasks' }).fill('is:review has:changes');
    await page.getByText('1 task match').waitFor();
    await page.getByRole('button', { name: 'Save view…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('To read');
    await page.getByRole('button', { name: 'Save the view' }).click();
    await page.getByRole('button', { name: /^To read 1/ }).waitFor();
    await page.getByLabel('Select Make notes').check();
    await page.getByRole('button', { name: 'Labels…' }).click();
    await page.getByLabel('Labels to add').fill('seen');
    await page.getByRole('button', { name: 'Label 1 task' }).click();
    await page.getByText('1 of 1 labelled').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Make notes' }).getByText('seen').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('link', { name: 'CSV, for a spreadsheet' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  });

  it('keeps a repository with a rule and a secret, and says who would take a task of it', async () => {
    await page.goto(`${stack.url}/repositories`);
    await page.getByRole('button', { name: 'Add a repository' }).click();
    await page.getByLabel('Address').fill('https://git.example.org/acme/api.git');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { name: 'api', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Set a secret…' }).click();
    await page.getByLabel('Value').fill('not-a-real-secret');
    await page.getByRole('button', { name: 'Set the secret' }).click();
    await page.getByText('for git and the API').waitFor();
    await page.getByRole('button', { name: 'Add a rule…' }).click();
    await page.getByLabel('Command, path or address').fill('npm test *');
    await page.getByRole('button', { name: 'Try it on past requests' }).click();
    await page.getByText('Nothing was asked in this repository yet.').waitFor();
    await page.getByRole('button', { name: 'Add the rule' }).click();
    await page.getByRole('list', { name: 'Approval rules' }).getByText('npm test *').waitFor();
    await page.getByRole('link', { name: 'New task here' }).click();
    await page.getByRole('region', { name: 'What would happen' }).getByText('has ended yet').waitFor();
  });

  it('sums up the past and says what holds', async () => {
    await page.goto(`${stack.url}/statistics?range=24h`);
    await page.getByRole('group', { name: 'By repository' }).waitFor();
    await page.getByRole('button', { name: 'The plots as a table' }).click();
    for (const part of ['limits', 'pools', 'keys', 'tokens', 'about']) {
      await page.goto(`${stack.url}/settings/${part}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
    }
  });

  it('lists what happened, and complains about nothing', async () => {
    await page.goto(`${stack.url}/tasks`);
    const rows = page.getByRole('listitem');
    for (const title of ['Make notes', 'Nothing to see', 'Slowly'])
      await rows.filter({ hasText: title }).first().waitFor();
    await page.getByRole('link', { name: 'Workers' }).first().click();
    await page.getByText('online', { exact: false }).first().waitFor();
    expect(complaints).toEqual([]);
  });
});
