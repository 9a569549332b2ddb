import { resolve } from 'node:path';
import { parsePath } from '../parse/values.js';
import { maintain } from '../programs/maintenance.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<file>', 'a file that `corch db backup` wrote', parsePath)
    .option('--data <dir>', 'the data folder of the orchestrator; that of this machine when absent', parsePath)
    .addHelpText(
      'after',
      '\nThe orchestrator must be stopped. What was there is kept beside it, as corch.sqlite.before-TIME.' +
        '\nTasks that were submitted after the backup are gone, and work that ended meanwhile may be done again.',
    )
    .action((file: string, { data }: { data?: string }) =>
      invocation.run((context) => maintain(context, ['restore', resolve(context.config.cwd, file)], { data })),
    );
};
