// The flags of `repo add` and `repo set` that say what tasks of a repository get when they do not say it themselves.
import {
  DeliveryMode,
  maxCheckRounds,
  PermissionPolicy,
  stepName,
  type Step,
  type TaskDefaults,
} from '@corch/contract';
import { Option } from 'commander';
import { parseBackoff, parseDuration } from '../parse/duration.js';
import { parseCommands, parseDollars, parseList, parsePaths, parsePriority, parseWhole } from '../parse/values.js';

/** A flag that sets a default of tasks, and where the API keeps it: a field, or a part of `delivery`, `commit`. */
export interface DefaultFlag {
  readonly option: Option;
  readonly path: readonly [field: keyof TaskDefaults, part?: string];
  /** Its value is a file, or stdin for -. */
  readonly isFile?: true;
}

function flag<T>(
  flags: string,
  text: string,
  path: DefaultFlag['path'],
  parse?: (text: string, before: T) => T,
): DefaultFlag {
  const option = new Option(flags, text);
  return { option: parse === undefined ? option : option.argParser(parse), path };
}

function choice(flags: string, text: string, path: DefaultFlag['path'], of: readonly string[]): DefaultFlag {
  return { option: new Option(flags, text).choices(of), path };
}

function file(flags: string, text: string, path: DefaultFlag['path']): DefaultFlag {
  return { ...flag(flags, text, path), isFile: true };
}

/** In the order of `corch run --help`, whose flags of the same name say the same about one task. */
export const defaultFlags: readonly DefaultFlag[] = [
  flag('-m, --model <model>', 'the model', ['model']),
  flag('--fallback-model <model>', 'the model to take when the first is overloaded', ['fallbackModel']),
  flag('--priority <n|word>', 'low, normal, high, or seconds by which they are put ahead', ['priority'], parsePriority),
  flag('--timeout <time>', 'end a run that takes longer, such as 30m', ['timeoutSeconds'], parseDuration),
  flag('--idle-timeout <time>', 'end a run that says nothing for so long', ['idleTimeoutSeconds'], parseDuration),
  flag('--retries <n>', 'further runs after one that failed', ['retries'], parseWhole(0, 20)),
  flag('--backoff <type:time>', 'the pause before them: fixed:10s, or exponential:10s:5m', ['backoff'], parseBackoff),
  flag('--budget <dollars>', "stop a run that cost so much, by Claude Code's estimate", ['budgetUsd'], parseDollars),
  flag('--max-turns <n>', 'stop a run after so many model turns', ['maxTurns'], parseWhole(1, 10_000)),
  flag('--label <label>', 'a label (repeat it)', ['labels'], parseList),
  flag('--pool <name>', 'the pool', ['pool']),
  flag('--require <label>', 'a label that the worker must carry (repeat it)', ['requirements'], parseList),
  choice('--policy <policy>', 'what Claude may do', ['permissionPolicy'], PermissionPolicy.options),
  flag('--fail-on-denied', 'fail when a tool was denied', ['failOnDenied']),
  flag('--tool <name>', 'let Claude have no built-in tools but these (repeat it)', ['tools'], parseList),
  file('--system-prompt-file <file>', "text to put behind Claude Code's own system prompt", ['systemPrompt']),
  flag('--setup <command>', 'a shell line to run before Claude starts (repeat it)', ['setup'], parseCommands),
  flag('--check <command>', 'a shell line that decides if a change is good (repeat it)', ['checks'], parseCommands),
  flag(
    '--check-rounds <n>',
    'send a failing check back to Claude so often',
    ['checkRounds'],
    parseWhole(0, maxCheckRounds),
  ),
  flag('--teardown <command>', 'a shell line to run at the very end (repeat it)', ['teardown'], parseCommands),
  flag('--artifact <path>', 'files to keep with a run (repeat it)', ['artifacts'], parsePaths),
  flag('--concurrency-key <key>', 'tasks with the same key run one at a time', ['concurrencyKey']),
  flag(
    '--concurrency-limit <n>',
    'how many tasks with this key may run at once',
    ['concurrencyLimit'],
    parseWhole(1, 1000),
  ),
  choice('--deliver <how>', 'where changes go', ['delivery', 'mode'], DeliveryMode.options),
  flag('--deliver-to <branch>', 'push all of them to this branch; each to its own when absent', ['delivery', 'branch']),
  flag('--draft', 'open pull requests as drafts', ['delivery', 'draft']),
  flag('--into <branch>', 'where pull requests are to be merged; where the work started when absent', [
    'delivery',
    'base',
  ]),
  flag('--pr-title <text>', 'the title of pull requests, such as "[bot] {title}"', ['delivery', 'title']),
  file('--pr-body-file <file>', 'their text, with {answer}, {taskUrl} and the others', ['delivery', 'body']),
  flag('--commit-author <name>', 'the author of commits: "Ada <ada@example.org>"', ['commit', 'author']),
  flag('--commit-message <text>', 'their message, such as "fix: {title}"', ['commit', 'message']),
  flag('--trailer <line>', 'a line at its end, "Reviewed-by: …" (repeat it)', ['commit', 'trailers'], parseCommands),
];

/** The defaults that are set, by the flags that set them, as texts. */
export function defaultTexts(defaults: TaskDefaults): readonly (readonly [flag: string, text: string])[] {
  return defaultFlags.flatMap(({ option, path: [field, part] }) => {
    const whole: unknown = defaults[field];
    const value = part === undefined ? whole : (whole as Record<string, unknown> | undefined)?.[part];
    return value === undefined ? [] : [[option.name(), textOf(field, value)] as const];
  });
}

function textOf(field: string, value: unknown): string {
  if (field === 'setup' || field === 'checks' || field === 'teardown')
    return (value as Step[]).map(stepName).join('\n');
  if (field === 'backoff') return backoffText(value as NonNullable<TaskDefaults['backoff']>);
  if (field === 'timeoutSeconds' || field === 'idleTimeoutSeconds') return `${String(value)}s`;
  if (Array.isArray(value)) return value.join(field === 'commit' || field === 'artifacts' ? '\n' : ',');
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function backoffText({ type, delayMs, maxMs }: NonNullable<TaskDefaults['backoff']>): string {
  return `${type}:${delayMs}ms${type === 'exponential' ? `:${maxMs}ms` : ''}`;
}
