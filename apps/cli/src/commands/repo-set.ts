import type { EditRepository, TaskDefaults } from '@corch/contract';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printRepository } from '../format/repository.js';
import { parseList } from '../parse/values.js';
import { defaultFlags } from '../submit/default-flags.js';
import { addRepositoryFlags, defaultsOf, placesOf, type RepositoryFlags } from '../submit/repository-flags.js';
import type { CommandModule } from './command.js';

type Flags = RepositoryFlags & {
  readonly url?: string;
  /** False: git and the API get none from now on. */
  readonly gitSecret?: string | false;
  readonly apiSecret?: string | false;
  readonly unset?: readonly string[];
};

/** What may be taken back beside the defaults, by the flag that sets it. */
const places = { branch: 'defaultBranch', 'branch-template': 'branchTemplate', 'api-url': 'apiUrl' } as const;
const unsettable: readonly string[] = [...Object.keys(places), ...defaultFlags.map(({ option }) => option.name())];

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<name>', 'a registered repository')
    .option('--url <url>', 'its new address; on another server its secrets must be removed first')
    .option('--git-secret <name>', 'the secret that git reads it with')
    .option('--no-git-secret', "read it with the worker's own keys and helpers")
    .option('--api-secret <name>', 'the secret for the REST API of its server')
    .option('--no-api-secret', 'use no secret for the API')
    .option('--unset <flag>', 'take back what a flag has set: --unset model,check (repeat it)', parseList);
  addRepositoryFlags(command).action((name: string, flags: Flags) =>
    invocation.run((context) => set(context, name, flags)),
  );
};

async function set(context: Context, repository: string, flags: Flags): Promise<void> {
  const unset = (flags.unset ?? []).map(known);
  const client = await context.client();
  const now = async (): Promise<TaskDefaults> => (await client.readRepository({ params: { repository } })).defaults;
  const defaults = await defaultsOf(context, flags, now, unset);
  const body: EditRepository = {
    ...(flags.url !== undefined && { url: flags.url }),
    ...Object.fromEntries(
      Object.entries(places).flatMap(([flag, field]) => (unset.includes(flag) ? [[field, null]] : [])),
    ),
    ...placesOf(flags),
    ...(flags.gitSecret !== undefined && { gitSecret: flags.gitSecret === false ? null : flags.gitSecret }),
    ...(flags.apiSecret !== undefined && { apiSecret: flags.apiSecret === false ? null : flags.apiSecret }),
    ...(defaults !== undefined && { defaults }),
  };
  if (Object.keys(body).length === 0) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'See `corch repo set --help` for what can be set.');
  }
  const edited = await client.editRepository({ params: { repository }, body });
  if (context.output.quiet && !context.output.json) return context.output.data(edited.name);
  printRepository(context.output, edited);
}

function known(flag: string): string {
  const name = flag.trim().replace(/^--/, '');
  if (unsettable.includes(name)) return name;
  throw new CliError(
    exitCodes.usage,
    `--unset ${flag} names nothing that can be taken back.`,
    `Name one of ${unsettable.join(', ')}.`,
  );
}
