import { PermissionPolicy, type EditRepository, type TaskDefaults } from '@corch/contract';
import { Option, type Command } from 'commander';
import { parseDuration } from '../parse/duration.js';
import { parseDollars, parseList, parsePriority, parseWhole } from '../parse/values.js';

/** The flags of `repo add` and `repo set` that say what its tasks get. */
export interface RepositoryFlags {
  readonly branch?: string;
  readonly branchTemplate?: string;
  readonly model?: string;
  readonly policy?: PermissionPolicy;
  readonly pool?: string;
  readonly require?: readonly string[];
  readonly label?: readonly string[];
  readonly priority?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly budget?: number;
  readonly maxTurns?: number;
}

/** Adds the flags of {@link RepositoryFlags} to a command. */
export function addRepositoryFlags(command: Command): Command {
  return command
    .option('-b, --branch <name>', 'where tasks start that name no ref; what the server says when absent')
    .option('--branch-template <text>', 'how branches of runs are called, such as bot/{task}-{title}')
    .option('-m, --model <model>', 'the model of tasks that name none')
    .addOption(
      new Option('--policy <policy>', 'what Claude may do in tasks that do not say').choices(PermissionPolicy.options),
    )
    .option('--pool <name>', 'the pool of tasks that name none')
    .option('--require <label>', 'a label that the worker must carry (repeat it)', parseList)
    .option('--label <label>', 'a label of its tasks (repeat it)', parseList)
    .option('--priority <n|word>', 'low, normal, high, or seconds by which its tasks are put ahead', parsePriority)
    .option('--timeout <time>', 'end a run that takes longer, such as 30m', parseDuration)
    .option('--retries <n>', 'further runs after one that failed', parseWhole(0, 20))
    .option('--budget <dollars>', "stop a run that cost so much, by Claude Code's estimate", parseDollars)
    .option('--max-turns <n>', 'stop a run after so many model turns', parseWhole(1, 10_000));
}

/** The defaults that the flags name. */
export function defaultsOf(flags: RepositoryFlags): TaskDefaults {
  return {
    ...(flags.model !== undefined && { model: flags.model }),
    ...(flags.policy !== undefined && { permissionPolicy: flags.policy }),
    ...(flags.pool !== undefined && { pool: flags.pool }),
    ...(flags.require !== undefined && { requirements: [...flags.require] }),
    ...(flags.label !== undefined && { labels: [...flags.label] }),
    ...(flags.priority !== undefined && { priority: flags.priority }),
    ...(flags.timeout !== undefined && { timeoutSeconds: flags.timeout }),
    ...(flags.retries !== undefined && { retries: flags.retries }),
    ...(flags.budget !== undefined && { budgetUsd: flags.budget }),
    ...(flags.maxTurns !== undefined && { maxTurns: flags.maxTurns }),
  };
}

/** Everything but the defaults. */
export function branchesOf({
  branch,
  branchTemplate,
}: RepositoryFlags): Pick<EditRepository, 'defaultBranch' | 'branchTemplate'> {
  return {
    ...(branch !== undefined && { defaultBranch: branch }),
    ...(branchTemplate !== undefined && { branchTemplate }),
  };
}
