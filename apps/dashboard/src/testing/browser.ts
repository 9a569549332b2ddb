import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

/** The built dashboard. */
export const dashboardDir = fileURLToPath(new URL('../../dist', import.meta.url));

export function launchBrowser(): Promise<Browser> {
  if (!existsSync(`${dashboardDir}/index.html`)) {
    throw new Error('The dashboard is not built. Run `pnpm --filter @corch/dashboard build` first.');
  }
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
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
}

/** Collects what a page complains about: errors, warnings, broken content security policy. */
export function collectComplaints(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    // The browser itself logs every 4xx answer; the pages say it better.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isAnswer) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe-core calls serious or critical, once nothing is dimmed any more because its answer is on the way. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('; ')}`,
    );
}

/** How many pixels a page is wider than its window, once it is drawn for the width that it has now. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(async () => {
    // What depends on the width is told of it in one frame and drawn in the next.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });
}

/** Keeps a picture of the page in the folder that SCREENSHOTS names, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/${name.replaceAll(' ', '-')}.png` });
}

/** Asks until the answer is right; the page may need some frames. */
export async function expectSoon<T>(
  page: Page,
  ask: () => Promise<T> | T,
  isRight: (answer: T) => boolean,
): Promise<void> {
  let answer = await ask();
  for (let tries = 0; tries < 100 && !isRight(answer); tries++) {
    await page.evaluate(() => new Promise(requestAnimationFrame));
    answer = await ask();
  }
  if (!isRight(answer)) throw new Error(`it stayed ${JSON.stringify(answer)}`);
}
