import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { tellPool } from '../tell-pool.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<pool>', 'the name of a pool')
    .action((name: string) => invocation.run((context) => pause(context, name)));
};

async function pause(context: Context, name: string): Promise<void> {
  const pool = await (await context.client()).editPool({ params: { name }, body: { paused: true } });
  const { running } = pool;
  tellPool(context, pool, [
    `Nothing new starts${running === 0 ? '' : `; ${count(running, 'run')} there ${running === 1 ? 'goes' : 'go'} on`}.`,
    `End the pause: ${context.commandLine(`pool resume ${name}`)}`,
  ]);
}
