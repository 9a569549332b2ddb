import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { readText } from './text-input.js';

/** A value that must not be seen: stdin without its last line break, or what somebody types, which is not shown. */
export async function readSecretValue(context: Context, what: string): Promise<string> {
  const { terminal, config } = context;
  const isAsked = terminal.stdin.isTTY === true && terminal.stderr.isTTY === true;
  const value = isAsked
    ? await ask(context, what)
    : (await readText('-', config.cwd, terminal.stdin)).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new CliError(
    exitCodes.invalid,
    'The value is empty.',
    'Pipe it in, for example `corch secret set api < token.txt`.',
  );
}

async function ask({ terminal }: Context, what: string): Promise<string> {
  terminal.stderr.write(`${what} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asked = createInterface({ input: terminal.stdin, output: silent, terminal: true });
  const interrupted = new AbortController();
  asked.once('SIGINT', () => interrupted.abort());
  asked.once('close', () => interrupted.abort());
  try {
    return await asked.question('', { signal: interrupted.signal });
  } catch (error) {
    throw new CliError(exitCodes.interrupted, 'Nothing was changed.', undefined, { cause: error });
  } finally {
    terminal.stderr.write('\n');
    asked.close();
  }
}
