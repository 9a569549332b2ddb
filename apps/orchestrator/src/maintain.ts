// `corch db copy|backup|restore`: work on the database itself, without an orchestrator.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sizeText } from '@corch/contract';
import { openDataFolder } from './common/data-folder.js';
import { StartError } from './common/start-error.js';
import { readConfig } from './config.js';
import { sqlitePath } from './database/data-source.js';
import { backUp, restore } from './maintenance/backup.js';
import { copyDatabase } from './maintenance/copy-database.js';

const say = (text: string) => void process.stderr.write(`${text}\n`);
const options = { from: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

async function main(): Promise<void> {
  process.umask(0o077);
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [what, file] = positionals;
  const { dataDir, databaseUrl } = readConfig(undefined, []);
  const report = (lines: readonly string[], document: unknown) =>
    void process.stdout.write(values.json ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`);

  if (what === 'copy') {
    // Where to is in the environment, since it may hold a password and lists of processes show command lines.
    const from = values.from ?? `sqlite:${join(dataDir, 'corch.sqlite')}`;
    if (!from.startsWith('sqlite:') || databaseUrl.startsWith('sqlite:')) {
      throw new StartError(
        'bad_config',
        'A copy goes from SQLite to PostgreSQL.',
        'Set DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE, or say it with --to; --from sqlite:FILE names another file than that of the data folder.',
      );
    }
    const tables = await inFolder(dataDir, () => copyDatabase(from, databaseUrl, say));
    const lines = tables.map(({ table, rows, checksum }) => `${table}\t${rows}\t${checksum}`);
    report(lines, { tables });
    say(
      `Copied and compared ${tables.length} tables. Start the orchestrator with DATABASE_URL set to the new database.`,
    );
    say(`${dataDir} stays its data folder: it holds admin.key, and secret.key where secrets are kept.`);
    return;
  }
  if (!databaseUrl.startsWith('sqlite:')) {
    throw new StartError(
      'bad_config',
      'Backups of PostgreSQL are made with its own tools.',
      'pg_dump --format=custom --file FILE "$DATABASE_URL" at any time; pg_restore brings it back.',
    );
  }
  if (what !== 'backup' && what !== 'restore') {
    throw new StartError(
      'bad_config',
      `There is no ${what ?? 'work'} to do here.`,
      'Type corch db backup, restore or copy.',
    );
  }
  if (file === undefined) throw new StartError('bad_config', 'No file was named.', `Type corch db ${what} FILE.`);
  const path = sqlitePath(databaseUrl);
  if (what === 'backup') {
    const bytes = await backUp(path, resolve(file));
    report([resolve(file)], { file: resolve(file), bytes });
    say(
      `Wrote ${sizeText(bytes)}. Where secrets are kept, keep ${dataDir}/secret.key as well: they cannot be read without it.`,
    );
    return;
  }
  const kept = await inFolder(dataDir, () => restore(resolve(file), path, new Date()));
  report([path], { file: path, kept });
  say(kept === null ? 'Restored.' : `Restored. What was there before is ${kept}.`);
}

/** While nobody else uses the data folder. */
async function inFolder<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const folder = await openDataFolder(dir);
  try {
    return await work();
  } finally {
    await folder.release();
  }
}

main().catch((error: unknown) => {
  const known = error instanceof StartError;
  say(
    known
      ? `${error.message} ${error.hint}`
      : `It failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exitCode = known ? 6 : 1;
});
