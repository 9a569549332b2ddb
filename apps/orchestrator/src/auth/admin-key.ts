import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeysService } from './keys.service.js';

/** The key of this machine's own command line: whoever may read the data folder may do everything anyway. */
export interface AdminKey {
  readonly file: string;
  readonly keyId: string;
}

/** Makes sure that `admin.key` in the data folder (0600) holds a key that works: written at the first start, and again when it was lost or revoked. */
export async function ensureAdminKey(dataDir: string, keys: KeysService): Promise<AdminKey> {
  const file = join(dataDir, 'admin.key');
  const live = await keys.findLive((await read(file)).trim());
  if (live?.scope === 'admin') return { file, keyId: live.id };
  const created = await keys.create({ name: 'admin', scope: 'admin' });
  // Renamed into place, so that nobody ever reads half a key.
  const draft = `${file}.new`;
  await writeFile(draft, `${created.key}\n`, { mode: 0o600 });
  await rename(draft, file);
  return { file, keyId: created.id };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
