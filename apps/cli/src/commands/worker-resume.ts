import { chooseWorker } from '../choose-worker.js';
import type { Context } from '../context.js';
import { tellMode } from '../tell-mode.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<worker>', 'a worker: its name, its id or the end of that')
    .action((worker: string) => invocation.run((context) => resume(context, worker)));
};

async function resume(context: Context, text: string): Promise<void> {
  const client = await context.client();
  const { id: workerId, loginHold } = await chooseWorker(client, text);
  const worker = await client.resumeWorker({ params: { workerId } });
  const notes = loginHold === null ? [] : ['Its login was on hold; runs try it again from now on.'];
  tellMode(context, worker, ['It takes work again.', ...notes]);
}
