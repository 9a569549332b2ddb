// `pnpm pictures`: takes the pictures of the README from the real programs, with the demo scenarios at work.
import { mkdirSync } from 'node:fs';
import { demoScripts, sampleRepository } from '@corch/scripted-model';
import type { Page } from 'playwright-core';
import { root, startStack, type Stack } from '../stack.js';
import { launchBrowser } from './browser.js';

const folder = `${root}docs/images`;
const themes = ['light', 'dark'] as const;

/** Submits one task of each demo scenario, with its own title, and waits for all but the slow one. */
async function work(stack: Stack): Promise<string> {
  const path = stack.repository('receipts', { ...sampleRepository.files });
  const tasks = [];
  for (const { name, title } of Object.values(demoScripts)) {
    const fixes = name === 'clean-fix';
    tasks.push(
      await stack.submit({
        title: fixes ? sampleRepository.title : title,
        prompt: fixes ? sampleRepository.prompt : `${title}. [[scenario:${name}]]`,
        repository: { path },
        demo: true,
      }),
    );
  }
  const [fix] = tasks;
  if (fix === undefined) throw new Error('there is no demo scenario');
  for (const { id, spec } of tasks) if (spec.prompt?.includes('scenario:slow') !== true) await stack.until(id);
  return fix.id;
}

async function take(page: Page, url: string, sign: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByText(sign).first().waitFor();
  await page.getByText('Live', { exact: true }).first().waitFor();
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
  }
}

mkdirSync(folder, { recursive: true });
const stack = await startStack({ workers: 0 });
await stack.startWorker({ args: ['--name', 'studio'] });
const browser = await launchBrowser();
try {
  const taskId = await work(stack);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto((await stack.client.createSignInLink()).url);
  await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
  await take(page, stack.url, sampleRepository.title, 'now');
  await take(page, `${stack.url}/tasks/${taskId}`, 'Amounts become text', 'task');
  await take(page, `${stack.url}/tasks/${taskId}?tab=changes`, 'file changed', 'change');
  console.log(`The pictures are in ${folder}.`);
} finally {
  await browser.close();
  await stack.stop();
}
