import { Name, SubmitTask, type SubmittedTask } from '@corch/contract';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { isRepositoryUrl, pathSource } from '../parse/repository.js';
import { checkArgument, readText } from '../parse/text-input.js';
import { examineRepository } from '../programs/git.js';
import type { RunFlags } from './run-flags.js';

/** What stood on the command line: words for a prompt, or what followed `--` for a command. */
export interface Said {
  readonly words: readonly string[];
  readonly behindDashes: readonly string[] | undefined;
}

/**
 * Turns a command line into the task to submit, and refuses here what the orchestrator would refuse.
 * @throws {CliError} naming what is wrong, in the words of the command line
 */
export async function buildTask(context: Context, said: Said, flags: RunFlags): Promise<SubmitTask> {
  const asked = await whatToDo(context, said, flags);
  const task = {
    ...asked,
    ...(await repository(context, flags)),
    ...delivery(flags),
    ...defined({
      model: flags.model,
      fallbackModel: flags.fallbackModel,
      priority: flags.priority,
      startAt: flags.at,
      timeoutSeconds: flags.timeout,
      idleTimeoutSeconds: flags.idleTimeout,
      retries: flags.retries,
      backoff: flags.backoff,
      budgetUsd: flags.budget,
      maxTurns: flags.maxTurns,
      title: flags.title === undefined ? undefined : checkArgument(flags.title, 'The title'),
      labels: flags.label,
      pool: flags.pool,
      requirements: flags.require,
      permissionPolicy: flags.policy,
      failOnDenied: flags.failOnDenied,
      setup: flags.setup?.map((line) => checkArgument(line, 'A setup command')),
      checks: flags.check?.map((line) => checkArgument(line, 'A check')),
      checkRounds: flags.checkRounds,
      teardown: flags.teardown?.map((line) => checkArgument(line, 'A teardown command')),
      artifacts: flags.artifact?.map((path) => checkArgument(path, 'An artifact')),
      concurrencyKey: flags.concurrencyKey,
      concurrencyLimit: flags.concurrencyLimit,
      demo: flags.demo,
      answerSchema: flags.schema === undefined ? undefined : await readSchema(context, flags.schema),
      systemPrompt: flags.systemPromptFile === undefined ? undefined : await readFlag(context, flags.systemPromptFile),
    }),
  };
  return checked(task);
}

async function whatToDo(context: Context, said: Said, flags: RunFlags) {
  const { words, behindDashes } = said;
  const isPrompt = words.length > 0 || flags.file !== undefined;
  if (behindDashes !== undefined) {
    if (isPrompt) {
      throw usage('A prompt and a command behind -- exclude each other.', 'Give one of the two.');
    }
    const [first] = behindDashes;
    if (first === undefined) throw usage('There is no command behind --.', 'Name it: `corch run -- npm test`');
    behindDashes.forEach((word) => checkArgument(word, 'The command'));
    return { executor: 'command' as const, command: [...behindDashes] };
  }
  const prompt = await readPrompt(context, words, flags.file);
  if (prompt.trim() === '')
    throw usage('The prompt is empty.', 'Say what Claude shall do: `corch run "Fix the flaky test"`');
  return { prompt };
}

async function readPrompt(context: Context, words: readonly string[], file: string | undefined): Promise<string> {
  const { config, terminal } = context;
  const [first, second] = words;
  if (first !== undefined && file !== undefined) throw usage('There are two prompts.', 'Give the words, or -F FILE.');
  if (second !== undefined) {
    throw usage('The prompt must be one argument.', 'Put it in quotes: `corch run "Fix the flaky test"`');
  }
  if (file !== undefined) return readText(file, config.cwd, terminal.stdin);
  if (first === '-') return readText('-', config.cwd, terminal.stdin);
  const hint = 'Put the text into a UTF-8 file and give that with -F FILE.';
  if (first !== undefined) return checkArgument(first, 'The prompt', hint);
  throw usage(
    'There is no prompt.',
    'Give it in quotes, in a file (-F FILE), or on stdin (-); or a command behind --.',
  );
}

async function repository({ config, output }: Context, { repo, base }: RunFlags) {
  if (repo === undefined) {
    if (base !== undefined) throw usage('--base needs a repository.', 'Name it with -R NAME, -R URL or -R PATH.');
    return {};
  }
  // An unset variable of a script must not mean the folder it stands in.
  if (repo === '')
    throw usage('-R/--repo is empty.', 'Give a name, an address or a path, or . for the repository here.');
  const ref = base === undefined ? {} : { ref: base };
  if (isRepositoryUrl(repo)) return { repository: { url: repo }, ...ref };
  // A folder here counts more, as it did before there were names; `./api` names no other.
  if (Name.safeParse(repo).success && !existsSync(resolve(config.cwd, repo)))
    return { repository: { name: repo }, ...ref };
  const source = pathSource(repo, config.cwd);
  const { path, hasUncommitted } = await examineRepository(source.path, base, config.environment);
  if (hasUncommitted) {
    output.note(`Changes in ${path} that are not committed are not part of the work; it starts from a commit.`);
  }
  return { repository: { ...source, path }, ...ref };
}

function delivery({ deliver, draft, into }: RunFlags) {
  if (deliver === undefined && draft === undefined && into === undefined) return {};
  if (deliver !== 'pr' && (draft !== undefined || into !== undefined)) {
    throw usage(`${draft === undefined ? '--into' : '--draft'} is for pull requests.`, 'Add --deliver pr.');
  }
  return { delivery: { mode: deliver, ...defined({ draft, base: into }) } };
}

function readFlag({ config, terminal }: Context, path: string): Promise<string> {
  return readText(path, config.cwd, terminal.stdin);
}

async function readSchema(context: Context, path: string): Promise<unknown> {
  const text = await readFlag(context, path);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(
      exitCodes.invalid,
      `${path} is not JSON: ${(error as Error).message}.`,
      'Give a JSON Schema, for example {"type":"object","properties":{…}}.',
      { cause: error },
    );
  }
}

/** Fields of the contract by the flags that set them. */
const flagNames: Readonly<Record<string, string>> = {
  prompt: 'the prompt',
  command: 'the command',
  repository: '-R/--repo',
  ref: '-b/--base',
  model: '-m/--model',
  fallbackModel: '--fallback-model',
  maxTurns: '--max-turns',
  budgetUsd: '--budget',
  systemPrompt: '--system-prompt-file',
  answerSchema: '--schema',
  timeoutSeconds: '--timeout',
  idleTimeoutSeconds: '--idle-timeout',
  title: '--title',
  labels: '--label',
  setup: '--setup',
  checks: '--check',
  checkRounds: '--check-rounds',
  teardown: '--teardown',
  artifacts: '--artifact',
  pool: '--pool',
  requirements: '--require',
  priority: '--priority',
  retries: '--retries',
  backoff: '--backoff',
  delivery: '--deliver',
  concurrencyKey: '--concurrency-key',
  concurrencyLimit: '--concurrency-limit',
};

function checked(task: unknown): SubmitTask {
  const result = SubmitTask.safeParse(task);
  // What was said goes over the wire, without the defaults: those are the orchestrator's.
  if (result.success) return task as SubmitTask & Partial<SubmittedTask>;
  const wrong = result.error.issues.map((issue) => {
    const [field] = issue.path;
    return `${flagNames[String(field)] ?? String(field)}: ${issue.message}`;
  });
  throw new CliError(
    exitCodes.invalid,
    `This task cannot be submitted: ${[...new Set(wrong)].join('; ')}.`,
    'Mend that and run the command again; `corch run --help` explains every flag.',
  );
}

function usage(message: string, hint: string): CliError {
  return new CliError(exitCodes.usage, message, hint);
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
