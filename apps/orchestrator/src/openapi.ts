// Writes openapi.json beside package.json from what is really served; `--check` only compares, for CI.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDocument } from './common/api-docs.js';
import { firstDifference } from './common/first-difference.js';
import { createLogger } from './common/logger.js';
import { readConfig } from './config.js';
import { createApp } from './http-app.js';

const file = fileURLToPath(new URL('../openapi.json', import.meta.url));

/** The document as it is committed. No server is needed: the application is made on an empty file of its own and never listens. */
export async function renderDocument(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'corch-openapi-'));
  try {
    const config = readConfig({ DATA_DIR: dataDir }, []);
    const app = await createApp({
      config,
      logger: createLogger('error'),
      clock: Date.now,
      monotonic: () => performance.now(),
    });
    try {
      return `${JSON.stringify(await buildDocument(app), null, 2)}\n`;
    } finally {
      await app.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const current = await renderDocument();
  if (!process.argv.includes('--check')) {
    await writeFile(file, current);
    return;
  }
  const difference = firstDifference(await readFile(file, 'utf8').catch(() => ''), current);
  if (difference === null) return;
  process.stderr.write(
    `apps/orchestrator/openapi.json does not describe what is served. First difference at ${difference}\n`,
  );
  process.stderr.write('Write it again with `pnpm openapi` and commit it.\n');
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
