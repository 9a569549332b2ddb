import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { checkArgument, readText } from './text-input.js';

/**
 * What somebody says to Claude: the words of the command line, or stdin as it is for a single `-`.
 *
 * @param what it is, as the beginning of a sentence
 * @throws {CliError} when it is empty or no UTF-8
 */
export async function readWords(context: Context, words: readonly string[], what: string): Promise<string> {
  const { config, terminal } = context;
  const isPiped = words.length === 1 && words[0] === '-';
  const text = isPiped ? await readText('-', config.cwd, terminal.stdin) : checkArgument(words.join(' '), what);
  if (text.trim() !== '') return text;
  throw new CliError(exitCodes.usage, `${what} is empty.`, 'Give words, or - to read them from stdin.');
}
