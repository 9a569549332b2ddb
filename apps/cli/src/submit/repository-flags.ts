import { ApiUrl, TaskDefaults, type EditRepository } from '@corch/contract';
import { InvalidArgumentError, type Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { checkArgument, readText } from '../parse/text-input.js';
import { defaultFlags, type DefaultFlag } from './default-flags.js';

/** What `repo add` and `repo set` were told: by the names of the flags, see {@link addRepositoryFlags}. */
export type RepositoryFlags = Readonly<Record<string, unknown>> & {
  readonly branch?: string;
  readonly branchTemplate?: string;
  readonly apiUrl?: string;
};

/** Adds what says how a repository is worked on, and the defaults of its tasks. */
export function addRepositoryFlags(command: Command): Command {
  command
    .option('-b, --branch <name>', 'where tasks start that name no ref; what the server says when absent')
    .option('--branch-template <text>', 'how branches of runs are called, such as bot/{task}-{title}')
    .option(
      '--api-url <url>',
      "where the server's REST API is, when that does not follow from the address",
      parseApiUrl,
    )
    .optionsGroup('What its tasks get when they do not say:');
  for (const { option } of defaultFlags) command.addOption(option);
  return command.optionsGroup('Options:');
}

function parseApiUrl(text: string): string {
  const parsed = ApiUrl.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message ?? 'is no address'}.`);
}

/** Everything but the defaults. */
export function placesOf(flags: RepositoryFlags): Pick<EditRepository, 'defaultBranch' | 'branchTemplate' | 'apiUrl'> {
  const { branch, branchTemplate, apiUrl } = flags;
  return {
    ...(branch !== undefined && { defaultBranch: branch }),
    ...(branchTemplate !== undefined && { branchTemplate }),
    ...(apiUrl !== undefined && { apiUrl }),
  };
}

/**
 * The defaults as they are to be: those of `now`, without what is `unset`, with what the flags name; undefined when the flags say
 * nothing about them.
 * @throws {CliError} naming the flag whose value is wrong
 */
export async function defaultsOf(
  context: Context,
  flags: RepositoryFlags,
  now: () => Promise<TaskDefaults>,
  unset: readonly string[] = [],
): Promise<TaskDefaults | undefined> {
  const named = defaultFlags.filter(({ option }) => flags[option.attributeName()] !== undefined);
  const dropped = defaultFlags.filter(({ option }) => unset.includes(option.name()));
  if (named.length === 0 && dropped.length === 0) return undefined;
  const defaults: Record<string, unknown> = structuredClone(await now());
  for (const { path } of dropped) put(defaults, path, undefined);
  for (const { option, path, isFile } of named) {
    const value = flags[option.attributeName()];
    if (isFile) put(defaults, path, await readText(String(value), context.config.cwd, context.terminal.stdin));
    else put(defaults, path, typed(value, `--${option.name()}`));
  }
  return checked(defaults);
}

function typed(value: unknown, flag: string): unknown {
  for (const text of [value].flat()) {
    if (typeof text === 'string') checkArgument(text, flag);
  }
  return value;
}

function put(defaults: Record<string, unknown>, [field, part]: DefaultFlag['path'], value: unknown): void {
  const parts = defaults[field] as Record<string, unknown> | undefined;
  const whole = part === undefined ? value : defined({ ...parts, [part]: value });
  if (whole === undefined) delete defaults[field];
  else defaults[field] = whole;
}

function defined(parts: Record<string, unknown>): Record<string, unknown> | undefined {
  const left = Object.entries(parts).filter(([, value]) => value !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function checked(defaults: Record<string, unknown>): TaskDefaults {
  const issue = TaskDefaults.safeParse(defaults).error?.issues[0];
  // What was said goes over the wire: what the contract fills in is for the orchestrator to say.
  if (issue === undefined) return defaults;
  throw new CliError(exitCodes.invalid, `${flagOf(issue.path)}: ${issue.message}.`, 'See `corch repo set --help`.');
}

function flagOf(path: readonly PropertyKey[]): string {
  const rows = defaultFlags.filter((row) => row.path[0] === path[0]);
  const row = rows.find(({ path: [, part] }) => part === undefined || part === path[1]) ?? rows[0];
  return row === undefined ? String(path[0]) : `--${row.option.name()}`;
}
