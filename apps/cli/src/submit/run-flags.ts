import { DeliveryMode, maxCheckRounds, PermissionPolicy, type Backoff } from '@corch/contract';
import { Option, type Command } from 'commander';
import { parseBackoff, parseDuration } from '../parse/duration.js';
import { parseMoment } from '../parse/moment.js';
import { parseCommands, parseDollars, parseList, parsePaths, parsePriority, parseWhole } from '../parse/values.js';

/** The flags of `run`, parsed. */
export interface RunFlags {
  readonly repo?: string;
  readonly base?: string;
  readonly model?: string;
  readonly fallbackModel?: string;
  readonly priority?: number;
  readonly at?: string;
  readonly timeout?: number;
  readonly idleTimeout?: number;
  readonly retries?: number;
  readonly backoff?: Partial<Backoff>;
  readonly budget?: number;
  readonly maxTurns?: number;
  readonly schema?: string;
  readonly title?: string;
  readonly label?: readonly string[];
  readonly pool?: string;
  readonly require?: readonly string[];
  readonly policy?: PermissionPolicy;
  readonly failOnDenied?: boolean;
  readonly setup?: readonly string[];
  readonly check?: readonly string[];
  readonly checkRounds?: number;
  readonly teardown?: readonly string[];
  readonly artifact?: readonly string[];
  readonly systemPromptFile?: string;
  readonly concurrencyKey?: string;
  readonly concurrencyLimit?: number;
  readonly idempotencyKey?: string;
  readonly file?: string;
  readonly demo?: boolean;
  readonly watch?: boolean;
  readonly deliver?: DeliveryMode;
  readonly draft?: boolean;
  readonly into?: string;
}

/** Adds the flags of {@link RunFlags} to a command. */
export function addRunFlags(command: Command): Command {
  return command
    .option(
      '-R, --repo <name|url|path>',
      'the repository to work on: a registered name, an address, or a path of this machine (. for this one)',
    )
    .option(
      '-b, --base <ref>',
      'the branch (also of another task), tag or commit to start from; the default branch when absent',
    )
    .option('-m, --model <model>', 'sonnet, opus, haiku or a full name')
    .option('--fallback-model <model>', 'the model to take when the first is overloaded')
    .option('--priority <n|word>', 'low, normal, high, or seconds by which it is put ahead', parsePriority)
    .option('--at <time>', 'not before: +10m, 18:30, "tomorrow 9:00" or ISO', parseMoment)
    .option('--timeout <time>', 'end a run that takes longer, such as 30m (default 2h)', parseDuration)
    .option('--idle-timeout <time>', 'end a run that says nothing for so long (default 30m)', parseDuration)
    .option('--retries <n>', 'further runs after one that failed', parseWhole(0, 20))
    .option(
      '--backoff <type:time>',
      'the pause before the next run: fixed:10s, or exponential:10s:5m for one that doubles up to a longest (the default)',
      parseBackoff,
    )
    .option('--budget <dollars>', "stop a run that cost so much, by Claude Code's estimate", parseDollars)
    .option('--max-turns <n>', 'stop a run after so many model turns', parseWhole(1, 10_000))
    .option('--schema <file>', 'a JSON Schema that the final answer must follow')
    .option('--title <text>', 'the title; the first line of the prompt when absent')
    .option('--label <label>', 'a label, `key` or `key=value` (repeat it)', parseList)
    .option('--pool <name>', 'the pool whose workers take it')
    .option('--require <label>', 'a label that the worker must carry (repeat it)', parseList)
    .addOption(
      new Option(
        '--policy <policy>',
        'what Claude may do: edits and commands, edits only, reading only, or ask about each edit and command',
      ).choices(PermissionPolicy.options),
    )
    .option('--fail-on-denied', 'fail when a tool was denied')
    .option('--setup <command>', 'a shell line to run in the workspace before Claude starts (repeat it)', parseCommands)
    .option('--check <command>', 'a shell line that decides whether the change is good (repeat it)', parseCommands)
    .option('--check-rounds <n>', 'send a failing check back to Claude so often', parseWhole(0, maxCheckRounds))
    .option('--teardown <command>', 'a shell line to run at the very end, however it ended (repeat it)', parseCommands)
    .option(
      '--artifact <path>',
      'files to keep with the run: a path of the workspace, a folder or a pattern (repeat it)',
      parsePaths,
    )
    .option('--system-prompt-file <file>', "text to put behind Claude Code's own system prompt")
    .addOption(
      new Option(
        '--deliver <how>',
        'where the change goes: none keeps it here, patch also as one for git am, branch pushes it, pr opens a pull request',
      ).choices(DeliveryMode.options),
    )
    .option('--draft', 'with --deliver pr: open it as a draft')
    .option('--into <branch>', 'with --deliver pr: where it is to be merged; where the work started when absent')
    .option('--concurrency-key <key>', 'tasks with the same key run one at a time')
    .option('--concurrency-limit <n>', 'how many tasks with this key may run at once', parseWhole(1, 1000))
    .option('--idempotency-key <key>', 'repeating it with the same key creates no second task')
    .option('-F, --file <file>', 'read the prompt from a file, or from stdin for -')
    .option('--demo', 'work with the scripted model: no login, no cost')
    .option('-w, --watch', 'follow it; the exit code tells how it ended');
}
