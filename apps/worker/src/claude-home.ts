// Which home Claude Code works in, and where the session of a run may lie.
import type { ClaimedRun } from '@corch/contract';
import { join } from 'node:path';
import { configDir } from './claude/login.js';
import { findSessionFile, removeSession, type SessionFile } from './claude/session-store.js';
import type { WorkerContext } from './context.js';

export interface ClaudeHome {
  readonly folder: string;
  /** The configuration folder that holds the sessions. */
  readonly config: string;
  /** The home of the worker's user, which holds a stored login. */
  readonly isReal: boolean;
  readonly isDemo: boolean;
}

/** A stored login lives in the real home and is never copied. Everybody else gets a home for each session. */
export function claudeHome(context: WorkerContext, run: Pick<ClaimedRun, 'demo' | 'sessionId'>): ClaudeHome {
  const { environment } = context.config;
  const login = context.login();
  const isDemo = run.demo || login.kind === 'demo';
  const isReal = !isDemo && login.kind === 'stored';
  if (isReal) return { folder: environment['HOME'] ?? '/', config: configDir(environment), isReal, isDemo };
  const folder = join(context.folders.homes, run.sessionId);
  return { folder, config: join(folder, '.claude'), isReal, isDemo };
}

/** The session of a run, also when somebody signed in in another way since it began: the one that was written last. */
export async function locateSession(
  context: WorkerContext,
  run: Pick<ClaimedRun, 'demo' | 'sessionId'>,
): Promise<SessionFile | null> {
  let latest: SessionFile | null = null;
  for (const config of sessionPlaces(context, run)) {
    const found = await findSessionFile(config, run.sessionId);
    if (found !== null && found.mtimeMs > (latest?.mtimeMs ?? 0)) latest = found;
  }
  return latest;
}

/** Makes sure that a run begins with an empty session. */
export async function forgetSession(
  context: WorkerContext,
  run: Pick<ClaimedRun, 'demo' | 'sessionId'>,
): Promise<void> {
  for (const config of sessionPlaces(context, run)) await removeSession(config, run.sessionId);
}

function sessionPlaces(context: WorkerContext, run: Pick<ClaimedRun, 'demo' | 'sessionId'>): Set<string> {
  const own = join(context.folders.homes, run.sessionId, '.claude');
  return new Set([claudeHome(context, run).config, own, configDir(context.config.environment)]);
}
