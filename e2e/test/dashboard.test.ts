import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  stack = await startStack({ env: { LOST_AFTER_CAP_MS: '60000' } });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
  });
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
