// Everything Claude Code needs before it starts: a home, the files it reads, its arguments and environment.
import type { ClaimedRun } from '@corch/contract';
import { currentTraceparent } from '@corch/telemetry';
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claudeArgs, claudeSettings } from './claude/claude-args.js';
import { claudeEnvironment, demoEnvironment } from './claude/claude-env.js';
import { claudeTelemetry } from './claude/claude-telemetry.js';
import type { Program } from './claude/claude-process.js';
import { startOf } from './claude/cut.js';
import { claudeHome, locateSession, type ClaudeHome } from './claude-home.js';
import { findSession, placeSession, type StoredSession } from './claude/session-store.js';
import type { StartMessage } from './claude/run-claude.js';
import type { WorkerContext } from './context.js';
import type { RunFolder } from './run-folder.js';
import type { RunInbox } from './run-inbox.js';
import type { Feedback } from './stages/run-stage.js';
import { startMessages } from './start-messages.js';
import type { Workspace } from './workspace.js';
import { isBelow } from './workspace/allowed-path.js';

/** Claude Code warns above 40 kB itself; a file beyond this is no instruction any more. */
const maxInstructionBytes = 200_000;
/** Claude Code then makes the request to the model anew that led to the last call (seen on 2.1.330: also a tool that waited for a permission). */
const goOnByItself = { CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1' };

/** A start of Claude Code. */
export interface ClaudeStart {
  readonly program: Program;
  /** What Claude is told first; nothing when it was interrupted and waits for words. */
  readonly messages: readonly StartMessage[];
  /** It is told nothing, since it goes on by itself and asks what it had asked. */
  readonly asksAgain: boolean;
  readonly isResumed: boolean;
  /** The ids of the items that the session holds already. */
  readonly told: ReadonlySet<string>;
}

/**
 * Writes the files and decides between a new session and the one that was interrupted.
 *
 * @param feedback what a check found that ran when Claude had finished
 */
export async function prepareClaude(
  context: WorkerContext,
  folder: RunFolder,
  workspace: Workspace,
  inbox: RunInbox,
  tmpDir: string,
  feedback: Feedback | null = null,
): Promise<ClaudeStart> {
  const { run } = folder;
  const { environment } = context.config;
  const home = claudeHome(context, run);
  if (!home.isReal) await mkdir(home.folder, { recursive: true, mode: 0o700 });
  const session = await takeSession(context, run, home, workspace);

  const words = feedback === null ? inbox.items : [...inbox.items, feedback];
  const told = session?.told(words) ?? new Set<string>();

  const place = { runId: run.runId, home: home.folder, tmpDir };
  const limits = { maxRetries: context.config.claudeMaxRetries, apiTimeoutMs: context.config.claudeApiTimeoutMs };
  const own = home.isDemo
    ? demoEnvironment(environment, place, await context.demo.url(), limits)
    : claudeEnvironment(environment, place, context.login(), limits);
  const env = { ...own, ...claudeTelemetry(environment, run, currentTraceparent()) };
  const trusted = run.repository?.trusted === true;
  const args = claudeArgs(
    run.spec,
    run.sessionId,
    session !== null,
    {
      settings: await writeFileOf(folder, 'settings.json', JSON.stringify(claudeSettings(trusted))),
      systemPrompt: await writeSystemPrompt(folder, run, trusted ? null : workspace),
      mcpConfig: run.spec.mcpServers
        ? await writeFileOf(folder, 'mcp.json', JSON.stringify({ mcpServers: run.spec.mcpServers }))
        : null,
    },
    trusted,
  );
  const messages = startMessages(run, session?.hasPrompt === true, inbox.items, told, feedback);
  // Words that somebody said meanwhile come first; then it is for the model whether it asks again.
  const hasNews = messages.some(({ id, uuid }) => id !== null || uuid !== undefined) || messages.length === 0;
  const asksAgain = run.isAsking === true && session?.hasPrompt === true && session.isTurnOpen && !hasNews;
  return {
    program: {
      path: context.claude.path,
      args,
      cwd: workspace.folder,
      env: asksAgain ? { ...env, ...goOnByItself } : env,
    },
    messages: asksAgain ? [] : messages,
    asksAgain,
    isResumed: session !== null,
    told,
  };
}

/** Takes the word of the session for which items reached Claude: it says so also when nobody was there to hear of it. */
export async function settleTold(context: WorkerContext, run: ClaimedRun, inbox: RunInbox): Promise<void> {
  if (inbox.open.length === 0) return;
  const session = await findSession(claudeHome(context, run).config, run.sessionId);
  const told = session?.told(inbox.open) ?? new Set();
  for (const { id, n } of inbox.open) if (told.has(id)) await inbox.settle(n);
}

/** The session to go on with. Somebody may have signed in in another way since it began; then it lies in another home. */
async function takeSession(
  context: WorkerContext,
  run: ClaimedRun,
  home: ClaudeHome,
  workspace: Workspace,
): Promise<StoredSession | null> {
  const latest = await locateSession(context, run);
  if (latest === null) return null;
  if (!isBelow(latest.path, home.config)) {
    await placeSession(home.config, workspace.folder, run.sessionId, await readFile(latest.path));
  }
  return findSession(home.config, run.sessionId);
}

/**
 * The task's instructions, and those of a repository that is not trusted, which no settings source reads. Null when there are none.
 *
 * @param workspace null: Claude reads the instructions of the repository by itself
 */
async function writeSystemPrompt(
  folder: RunFolder,
  run: ClaimedRun,
  workspace: Workspace | null,
): Promise<string | null> {
  const parts: string[] = [];
  for (const name of ['CLAUDE.md', join('.claude', 'CLAUDE.md')]) {
    const text = workspace === null ? null : await readInstructions(join(workspace.folder, name));
    if (text !== null) parts.push(`# Instructions of this repository (${name})\n\n${text}`);
  }
  if (run.spec.systemPrompt !== undefined) parts.push(run.spec.systemPrompt);
  return parts.length === 0 ? null : writeFileOf(folder, 'system-prompt.md', parts.join('\n\n'));
}

/** A link is not followed: it could lead to a secret of this machine. */
async function readInstructions(path: string): Promise<string | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null || !info.isFile() || info.size === 0) return null;
  return startOf(await readFile(path, 'utf8'), maxInstructionBytes);
}

async function writeFileOf(folder: RunFolder, name: string, text: string): Promise<string> {
  const path = folder.file(name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
