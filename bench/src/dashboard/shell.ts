import { gzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';
import type { Row } from '../report.js';

/** kB of JavaScript, compressed. */
const target = 250;

/** What the first look at the dashboard loads: all of it, and each part beside all. */
export async function* measureShell(context: BrowserContext, url: string): AsyncGenerator<Row> {
  const page = await context.newPage();
  const loaded = new Map<string, Promise<number>>();
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (/\.(js|css)$/.test(path))
      loaded.set(
        path,
        response.body().then((body) => gzipSync(body).length / 1000),
      );
  });
  await page.goto(url);
  await page.getByText('Live', { exact: true }).first().waitFor();
  await page.close();
  const parts = await Promise.all([...loaded].map(async ([path, size]) => ({ path, size: await size })));
  const total = (kind: string) =>
    parts.filter(({ path }) => path.endsWith(kind)).reduce((sum, { size }) => sum + size, 0);
  const all = total('.js');
  yield { what: 'shell, JavaScript (gzip)', value: all, unit: 'kB', against: { what: 'target', value: target } };
  yield {
    what: 'shell, styles (gzip)',
    value: total('.css'),
    unit: 'kB',
    against: { what: 'its scripts', value: all },
  };
  for (const { path, size } of parts.sort((left, right) => right.size - left.size)) {
    if (size < 1) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    yield { what: `  ${name}`, value: size, unit: 'kB', against: { what: 'the scripts of the shell', value: all } };
  }
}
