// The command of a task, or of one of its steps → the program that is started.
import { childEnvironment } from '../claude/claude-env.js';
import type { Program } from '../claude/claude-process.js';
import { findProgram } from '../command/run-command.js';
import { searchPath } from '../config.js';
import type { RunParts } from './run-parts.js';

/**
 * @param command an argument list, or a line for the shell
 * @returns null when there is no such program
 */
export async function commandProgram(
  { context, folder }: Pick<RunParts, 'context' | 'folder'>,
  command: string | readonly string[],
  { cwd, tmpDir }: { readonly cwd: string; readonly tmpDir: string },
): Promise<Program | null> {
  const { environment } = context.config;
  const env = childEnvironment(environment, { runId: folder.run.runId, home: environment['HOME'] ?? '/', tmpDir });
  if (typeof command === 'string') return { path: '/bin/sh', args: ['-c', command], cwd, env };
  const [name = '', ...args] = command;
  const path = await findProgram(name, cwd, searchPath(environment));
  return path === null ? null : { path, args, cwd, env };
}
