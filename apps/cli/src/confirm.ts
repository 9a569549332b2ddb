import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.js';
import type { Context } from './context.js';
import { exitCodes } from './exit-codes.js';

/**
 * Asks before something is destroyed; `--yes` answers for the person. The question names the orchestrator.
 * @throws {CliError} when nobody is there to ask, or the answer is no
 */
export async function confirm(context: Context, what: string): Promise<void> {
  const { terminal, flags, settings } = context;
  if (flags.yes) return;
  if (terminal.stdin.isTTY !== true || terminal.stderr.isTTY !== true) {
    throw new CliError(
      exitCodes.needsInput,
      `${what} needs a yes, and nobody can be asked here.`,
      'Add -y to say yes.',
    );
  }
  const asked = createInterface({ input: terminal.stdin, output: terminal.stderr });
  const interrupted = new AbortController();
  asked.once('SIGINT', () => interrupted.abort());
  asked.once('close', () => interrupted.abort());
  try {
    const answer = await asked.question(`${what} on ${settings.server}? [y/N] `, { signal: interrupted.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new CliError(exitCodes.failed, 'Nothing was changed.');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(exitCodes.interrupted, 'Nothing was changed.', undefined, { cause: error });
  } finally {
    asked.close();
  }
}
