import { chooseWorker } from '../choose-worker.js';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { tellMode } from '../tell-mode.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<worker>', 'a worker: its name, its id or the end of that')
    .action((worker: string) => invocation.run((context) => pause(context, worker)));
};

async function pause(context: Context, text: string): Promise<void> {
  const client = await context.client();
  const { id: workerId } = await chooseWorker(client, text);
  const worker = await client.pauseWorker({ params: { workerId } });
  const runs = worker.running.length;
  tellMode(context, worker, [
    `It takes nothing new${runs === 0 ? '' : `; ${count(runs, 'run')} there ${runs === 1 ? 'goes' : 'go'} on`}.`,
    `End the pause: ${context.commandLine(`worker resume ${worker.name}`)}`,
  ]);
}
