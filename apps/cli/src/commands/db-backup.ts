import { resolve } from 'node:path';
import { parsePath } from '../parse/values.js';
import { maintain } from '../programs/maintenance.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<file>', 'a file that does not exist yet', parsePath)
    .option('--data <dir>', 'the data folder of the orchestrator; that of this machine when absent', parsePath)
    .addHelpText(
      'after',
      '\nIt is the database of the data folder, as it is at one moment; the orchestrator may run meanwhile.' +
        '\nKeep DATA/secret.key with it where secrets are kept. PostgreSQL is backed up with pg_dump.',
    )
    .action((file: string, { data }: { data?: string }) =>
      invocation.run((context) => maintain(context, ['backup', resolve(context.config.cwd, file)], { data })),
    );
};
