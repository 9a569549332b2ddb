// Where Claude Code keeps the transcript of a session: `<config>/projects/<folder>/<session id>.jsonl`.
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What can be gone on with. */
export interface StoredSession {
  /** The prompt reached the transcript; otherwise it has to be said again. */
  readonly hasPrompt: boolean;
  /** The ids of those items that are part of the conversation. */
  told(items: readonly { readonly id: string }[]): Set<string>;
  /** The last turn did not come to its end. */
  readonly isTurnOpen: boolean;
}

/** A transcript on disk. */
export interface SessionFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** The prompt comes in the first lines; a transcript itself may be very long. */
const headBytes = 4 * 1024 * 1024;
/** The last message may hold a file that is to be written. */
const tailBytes = 16 * 1024 * 1024;

/** Finds a session below Claude Code's configuration folder (`~/.claude`), whatever folder it worked in. */
export async function findSession(configDir: string, sessionId: string): Promise<StoredSession | null> {
  const found = await findSessionFile(configDir, sessionId);
  if (found === null) return null;
  const file = await open(found.path, 'r');
  try {
    const length = Math.min(found.size, headBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    const text = await readFile(found.path);
    // Claude Code notes the id of a message when it becomes part of the conversation, and not while it is queued (seen on 2.1.330).
    const told = (items: readonly { readonly id: string }[]) =>
      new Set(items.filter(({ id }) => text.includes(id)).map(({ id }) => id));
    const tail = text.subarray(-tailBytes).toString('utf8');
    return { hasPrompt: buffer.includes('"type":"user"'), isTurnOpen: isTurnOpen(tail), told };
  } finally {
    await file.close();
  }
}

const MessageEntry = z.looseObject({
  type: z.enum(['user', 'assistant']),
  isSidechain: z.boolean().nullish(),
  message: z.looseObject({ content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]) }),
});

/** Whether the last message of a transcript waits for an answer: it is not Claude's, or it asks for a tool. Beside messages there are notes. */
export function isTurnOpen(transcript: string): boolean {
  for (const line of transcript.split('\n').reverse()) {
    if (!line.includes('"type":"user"') && !line.includes('"type":"assistant"')) continue;
    const entry = MessageEntry.safeParse(parsed(line)).data;
    if (entry === undefined || entry.isSidechain === true) continue;
    const { content } = entry.message;
    return entry.type === 'user' || (typeof content !== 'string' && content.some(({ type }) => type === 'tool_use'));
  }
  return false;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The transcript of a session; of several the one that was written last. */
export async function findSessionFile(configDir: string, sessionId: string): Promise<SessionFile | null> {
  const [latest] = (await sessionFiles(configDir, sessionId)).sort((a, b) => b.mtimeMs - a.mtimeMs);
  return latest ?? null;
}

/** Puts a transcript where `--resume` finds it from `cwd`, in place of whatever there was of this session. */
export async function placeSession(
  configDir: string,
  cwd: string,
  sessionId: string,
  transcript: string | Buffer,
): Promise<void> {
  await removeSession(configDir, sessionId);
  // Claude Code names the folder after the working directory, with a dash for whatever is no letter or digit.
  const folder = join(configDir, 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-').slice(0, 200));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, fileOf(sessionId)), transcript, { mode: 0o600 });
}

/** Removes the transcript of a session. */
export async function removeSession(configDir: string, sessionId: string): Promise<void> {
  for (const { path } of await sessionFiles(configDir, sessionId)) await rm(path, { force: true });
}

async function sessionFiles(configDir: string, sessionId: string): Promise<SessionFile[]> {
  const projects = join(configDir, 'projects');
  const name = fileOf(sessionId);
  const found: SessionFile[] = [];
  for (const project of await readdir(projects).catch(() => [])) {
    const path = join(projects, project, name);
    const facts = await stat(path).catch(() => null);
    if (facts?.isFile()) found.push({ path, size: facts.size, mtimeMs: facts.mtimeMs });
  }
  return found;
}

/** The id comes from the orchestrator; as a file name it must not lead anywhere else. */
function fileOf(sessionId: string): string {
  if (!/^[\w-]+$/.test(sessionId)) throw new Error(`the session id ${JSON.stringify(sessionId)} is none`);
  return `${sessionId}.jsonl`;
}
