import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes of all files in a folder. One that disappears meanwhile counts as nothing. */
export function bytesOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.reduce((sum, name) => {
    try {
      const stat = statSync(join(folder, name));
      return sum + (stat.isFile() ? stat.size : 0);
    } catch {
      return sum;
    }
  }, 0);
}
