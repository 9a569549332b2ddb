// Where Claude Code keeps the transcript of a session: `<config>/projects/<folder>/<session id>.jsonl`.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What can be gone on with. */
export interface StoredSession {
  /** The prompt reached the transcript; otherwise it has to be said again. */
  readonly hasPrompt: boolean;
}

/** The prompt comes in the first lines; a transcript itself may be very long. */
const headBytes = 4 * 1024 * 1024;

/** Finds a session below Claude Code's configuration folder (`~/.claude`), whatever folder it worked in. */
export async function findSession(configDir: string, sessionId: string): Promise<StoredSession | null> {
  const projects = join(configDir, 'projects');
  for (const project of await readdir(projects).catch(() => [])) {
    const path = join(projects, project, `${sessionId}.jsonl`);
    const size = (await stat(path).catch(() => null))?.size;
    if (size === undefined) continue;
    const file = await open(path, 'r');
    try {
      const length = Math.min(size, headBytes);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
      return { hasPrompt: buffer.includes('"type":"user"') };
    } finally {
      await file.close();
    }
  }
  return null;
}
