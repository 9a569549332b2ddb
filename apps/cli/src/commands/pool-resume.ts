import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { tellPool } from '../tell-pool.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<pool>', 'the name of a pool')
    .action((name: string) => invocation.run((context) => resume(context, name)));
};

async function resume(context: Context, name: string): Promise<void> {
  const pool = await (await context.client()).editPool({ params: { name }, body: { paused: false } });
  tellPool(context, pool, [`${pool.queued === 0 ? 'Nothing' : count(pool.queued, 'run')} in line; it goes on.`]);
}
