import type { Context } from '../context.js';
import { printSettings } from '../format/settings.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(show));
};

async function show(context: Context): Promise<void> {
  printSettings(context.output, await (await context.client()).readSettings());
}
