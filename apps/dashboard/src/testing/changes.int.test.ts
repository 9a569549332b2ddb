// How a change is read: by words, without white space, line by line, and beside another one.
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
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const file = (path: string) => page.locator(`[data-file="${path}"]`);
const linked = () => page.locator('[data-line].bg-accent').evaluateAll((all) => all.map((one) => one.textContent));
const open = async (n: number, search: string) => {
  await page.goto(`${server.url}/tasks/${makeId('task', n)}?${search}`);
  await page.locator('[data-file]').first().waitFor();
};

describe('a change', () => {
  it('marks the words that differ', async () => {
    await open(3, 'tab=changes');
    expect(await file('src/sum.js').locator('[data-changed]').allTextContents()).toEqual(['-', '+']);
  });

  it('leaves out changes of white space, by a key, and remembers it', async () => {
    await open(13, 'tab=changes&run=1');
    await file('src/totals.js').getByText('Math.round').waitFor();
    const added = file('src/totals.js').getByText('added ', { exact: true });
    expect(await added.count()).toBe(3);
    await page.keyboard.press('w');
    await button('White space hidden').waitFor();
    // `sum*0.19` and `sum * 0.19`, and the line that only lost its place.
    expect(await added.count()).toBe(1);
    await page.reload();
    await file('src/totals.js').getByText('Math.round').waitFor();
    await button('White space hidden').click();
    await button('White space shown').waitFor();
    expect(await added.count()).toBe(3);
  });

  it('is linked to by lines: with a click, with Shift up to one, and opens there', async () => {
    await open(3, 'tab=changes');
    const lines = file('src/sum.js').locator('a[data-line]');
    await lines.nth(1).click();
    expect(new URL(page.url()).hash).toBe('#B2:src/sum.js');
    await lines.nth(2).click();
    await lines.nth(3).click({ modifiers: ['Shift'] });
    expect(new URL(page.url()).hash).toBe('#L2-3:src/sum.js');
    expect(await linked()).toEqual(['2', '3']);
    expect(new URL(page.url()).search).toBe('?tab=changes');
    // A lock file is folded until somebody looks for a line of it.
    await page.goto('about:blank');
    await open(3, 'tab=changes#L2:package-lock.json');
    await file('package-lock.json').getByText('1.0.1').waitFor();
    expect(await linked()).toEqual(['2']);
  });

  it('is linked to by lines with the keyboard alone', async () => {
    await open(3, 'tab=changes#L1:src/sum.js');
    await button('Comment on line 3').focus();
    await page.keyboard.press('Enter');
    await button('Link to lines 1 to 3').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash === '#L1-3:src/sum.js');
    expect(await linked()).toEqual(['1', '2', '3']);
  });
});

describe('two runs', () => {
  it('stand side by side with what came of them, and the address holds which', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 13)}?tab=runs`);
    await page.getByRole('link', { name: 'Both side by side' }).click();
    await page.getByText('1 changed differently, 4 only in run 1, 1 only in run 2.').waitFor();
    const facts = page.getByRole('table', { name: 'What came of them' });
    expect(await facts.getByRole('row', { name: /^Cost/ }).textContent()).toBe('Costest. $0.91est. $1.74');
    await facts.getByText('after 2 rounds').waitFor();
    await page.getByRole('link', { name: 'Swap' }).click();
    await page.waitForURL('**?tab=runs&compare=2%2C1');
    await page.reload();
    const columns = page.getByRole('region', { name: /^Changes of run/ });
    expect(await columns.first().getAttribute('aria-label')).toBe('Changes of run 2');
    const [left, right] = [await columns.nth(0).boundingBox(), await columns.nth(1).boundingBox()];
    expect(right?.y).toBe(left?.y);
    await page.setViewportSize({ width: 360, height: 740 });
    const [above, below] = [await columns.nth(0).boundingBox(), await columns.nth(1).boundingBox()];
    expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0) - 1);
  });

  it('say what each of them said, with links to its own page', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 13)}?tab=runs&compare=1,2&show=conversation`);
    const first = page.getByRole('region', { name: 'Conversation of run 1' });
    await page.getByRole('region', { name: 'Conversation of run 2' }).getByText('Now it rounds once').waitFor();
    await first.getByText('I run the tests first').waitFor();
    await first.getByRole('link', { name: 'Link to event 7', exact: true }).click();
    await page.waitForURL('**?run=1#ev-7');
    await page.locator('#ev-7').getByText('I run the tests first').waitFor();
    // Within the run that is shown, a link stays in it.
    await page.getByRole('link', { name: 'Link to event 6', exact: true }).click();
    await page.waitForURL('**?run=1#ev-6');
  });
});

describe('the cost of a run', () => {
  it('stands beside its budget, and says when it comes near', async () => {
    await page.goto(`${server.url}/tasks/${makeId('task', 13)}`);
    await page.getByText('est. $1.74 of $2.00').waitFor();
    await page.getByText('87 % of its budget').waitFor();
    await page.goto(`${server.url}/tasks/${makeId('task', 13)}?run=1`);
    await page.getByText('est. $0.91 of $2.00').waitFor();
    expect(await page.getByText('of its budget').count()).toBe(0);
  });
});
