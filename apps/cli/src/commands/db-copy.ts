import { parsePath } from '../parse/values.js';
import { maintain } from '../programs/maintenance.js';
import type { CommandModule } from './command.js';

interface Flags {
  data?: string;
  from?: string;
  to?: string;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--data <dir>', 'the data folder of the orchestrator; that of this machine when absent', parsePath)
    .option('--from <url>', 'sqlite:FILE; the database of the data folder when absent')
    .option(
      '--to <url>',
      'an empty database; better in DATABASE_URL, since lists of processes show command lines for a moment',
    )
    .addHelpText(
      'after',
      '\nEvery orchestrator must be stopped. Rows are counted and compared by checksum at the end; when it is cut off, type it again.' +
        '\nNothing is written over: a database that holds something is refused. The SQLite file stays as it is.',
    )
    .action(({ data, from, to }: Flags) => {
      // Lists of processes show what stood on the command line, and the address may hold a password.
      if (to !== undefined) process.title = 'corch';
      const args = ['copy', ...(from === undefined ? [] : ['--from', from])];
      return invocation.run((context) => maintain(context, args, { data, databaseUrl: to }));
    });
};
