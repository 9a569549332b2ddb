// The task and `.corch.yaml` → one plan. Pure.
import { repositoryFileName, type RepositoryFile, type RunSpec } from '@corch/contract';
import type { RunPlan } from './run-stage.js';

const commandFields = ['setup', 'checks', 'teardown'] as const;

/** What is there to do, and what is left out of it. */
export interface MadePlan {
  readonly plan: RunPlan;
  /** A sentence, or null. */
  readonly skipped: string | null;
}

/**
 * Field by field the task wins.
 *
 * @param allowCommands without it the commands of the file are left out; those of a task were refused before
 */
export function makePlan(spec: RunSpec, file: RepositoryFile, allowCommands: boolean): MadePlan {
  const left = allowCommands ? [] : commandFields.filter((name) => spec[name] === undefined && file[name]?.length);
  const steps = (name: (typeof commandFields)[number]) => spec[name] ?? (allowCommands ? file[name] : undefined) ?? [];
  const commit = { ...file.commit, ...spec.commit };
  const plan: RunPlan = {
    setup: steps('setup'),
    checks: steps('checks'),
    teardown: steps('teardown'),
    checkRounds: spec.checkRounds ?? file.checkRounds ?? 0,
    artifacts: spec.artifacts ?? file.artifacts ?? [],
    ...(Object.keys(commit).length > 0 && { commit }),
  };
  const skipped =
    left.length === 0
      ? null
      : `This worker does not allow commands, so ${listed(left)} of ${repositoryFileName} did not run and the change is not checked by it. Start the worker with \`--allow-commands\` to run them.`;
  return { plan, skipped };
}

/** Why a worker that does not allow commands cannot take the task, or null. */
export function refusedSteps(spec: RunSpec): string | null {
  const named = commandFields.filter((name) => spec[name]?.length);
  if (named.length === 0) return null;
  return `This worker does not allow commands, and the task has ${listed(named)}. Start it with \`--allow-commands\`, or submit the task without them.`;
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
