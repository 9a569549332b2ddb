/// <reference lib="dom" />
// A headless Chromium that is signed in, and the clocks inside of its pages.
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Stack } from '@corch/e2e/stack';
import { findChromium } from '../../../scripts/test/chromium.mjs';

const viewport = { width: 1280, height: 900 };

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
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

/** A browser profile of its own, so also a process of its own, signed in. */
export async function signIn(browser: Browser, stack: Stack): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport });
  // tsx wraps functions in `__name`, and those that are sent into a page find it there no more.
  await context.addInitScript('globalThis.__name = (value) => value;');
  const page = await context.newPage();
  await page.goto((await stack.client.createSignInLink()).url);
  await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
  await page.close();
  return context;
}

/** What stands on the page when it is there. */
export interface Sign {
  readonly selector: string;
  readonly text: string;
}

/** Milliseconds from the start of a navigation to the frame that shows the sign. */
export async function openedIn(page: Page, url: string, sign: Sign): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' });
  return paintedAt(page, sign);
}

/** When the sign is painted, in milliseconds of the page's own clock, which began with its navigation. */
export function paintedAt(page: Page, sign: Sign): Promise<number> {
  return page.evaluate(
    ({ selector, text }) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const isThere = [...document.querySelectorAll(selector)].some((one) => one.textContent?.includes(text));
          if (!isThere) requestAnimationFrame(look);
          // A task behind the frame that shows it.
          else requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
        };
        look();
      }),
    sign,
  );
}

/** What the page's own clock says. */
export function pageClock(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** Milliseconds from a click on the first element that fits to the frame that shows the sign. */
export async function clickedIn(page: Page, selector: string, sign: Sign): Promise<number> {
  const begin = await page.evaluate((wanted) => {
    const element = document.querySelector<HTMLElement>(wanted);
    if (element === null) throw new Error(`there is no ${wanted}`);
    const now = performance.now();
    element.click();
    return now;
  }, selector);
  return (await paintedAt(page, sign)) - begin;
}

export function countNodes(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelectorAll('*').length);
}
