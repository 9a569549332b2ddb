import { TaskDefaults, type EditRepository } from '@corch/contract';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printRepository } from '../format/repository.js';
import { parseList } from '../parse/values.js';
import { addRepositoryFlags, branchesOf, defaultsOf, type RepositoryFlags } from '../submit/repository-flags.js';
import type { CommandModule } from './command.js';

interface Flags extends RepositoryFlags {
  readonly url?: string;
  /** False: git and the API get none from now on. */
  readonly gitSecret?: string | false;
  readonly apiSecret?: string | false;
  readonly unset?: readonly string[];
}

/** What may be taken back, by the flag that sets it. */
const unsettable: Readonly<Record<string, keyof TaskDefaults | 'defaultBranch' | 'branchTemplate'>> = {
  branch: 'defaultBranch',
  'branch-template': 'branchTemplate',
  model: 'model',
  policy: 'permissionPolicy',
  pool: 'pool',
  require: 'requirements',
  label: 'labels',
  priority: 'priority',
  timeout: 'timeoutSeconds',
  retries: 'retries',
  budget: 'budgetUsd',
  'max-turns': 'maxTurns',
};

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a registered repository')
    .option('--url <url>', 'its new address; on another server its secrets must be removed first')
    .option('--git-secret <name>', 'the secret that git reads it with')
    .option('--no-git-secret', "read it with the worker's own keys and helpers")
    .option('--api-secret <name>', 'the secret for the REST API of its server')
    .option('--no-api-secret', 'use no secret for the API')
    .option('--unset <flag>', `take a default back: ${Object.keys(unsettable).join(', ')} (repeat it)`, parseList);
  addRepositoryFlags(command).action((name: string, flags: Flags) =>
    invocation.run((context) => set(context, name, flags)),
  );
};

async function set(context: Context, repository: string, flags: Flags): Promise<void> {
  const client = await context.client();
  const unset = (flags.unset ?? []).map(fieldOf);
  const changed = defaultsOf(flags);
  const touchesDefaults = Object.keys(changed).length > 0 || unset.some((field) => field in TaskDefaults.shape);
  const body: EditRepository = {
    ...(flags.url !== undefined && { url: flags.url }),
    ...branchesOf(flags),
    ...(unset.includes('defaultBranch') && { defaultBranch: null }),
    ...(unset.includes('branchTemplate') && { branchTemplate: null }),
    ...(flags.gitSecret !== undefined && { gitSecret: flags.gitSecret === false ? null : flags.gitSecret }),
    ...(flags.apiSecret !== undefined && { apiSecret: flags.apiSecret === false ? null : flags.apiSecret }),
    ...(touchesDefaults && { defaults: merged(await defaultsNow(), changed, unset) }),
  };
  if (Object.keys(body).length === 0) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'See `corch repo set --help` for what can be set.');
  }
  printRepository(context.output, await client.editRepository({ params: { repository }, body }));

  async function defaultsNow(): Promise<TaskDefaults> {
    return (await client.readRepository({ params: { repository } })).defaults;
  }
}

function fieldOf(flag: string): string {
  const field = Object.hasOwn(unsettable, flag) ? unsettable[flag] : undefined;
  if (field !== undefined) return field;
  throw new CliError(
    exitCodes.usage,
    `--unset ${flag} names nothing that can be taken back.`,
    `Name one of ${Object.keys(unsettable).join(', ')}.`,
  );
}

function merged(now: TaskDefaults, changed: TaskDefaults, unset: readonly string[]): TaskDefaults {
  return Object.fromEntries(Object.entries({ ...now, ...changed }).filter(([field]) => !unset.includes(field)));
}
