import { chooseWorker } from '../choose-worker.js';
import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { count, oneLine } from '../format/text.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<worker>', 'a worker: its name, its id or the end of that')
    .addHelpText(
      'after',
      '\nIts token stops working at once and it ends what it runs; that goes back in line, and no attempt is counted. To take it\n' +
        'out of service for a while only, drain or pause it.',
    )
    .action((worker: string) => invocation.run((context) => remove(context, worker)));
};

async function remove(context: Context, text: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const { id: workerId, name, running, state } = await chooseWorker(client, text);
  const shown = oneLine(name);
  const held = running.length === 0 ? '' : `, which runs ${count(running.length, 'run')}`;
  await confirm(context, `Remove the worker ${shown}${held}`);
  await client.removeWorker({ params: { workerId } });
  if (output.json) return output.document({ removed: workerId });
  output.data(output.isTty ? `removed  ${shown}` : workerId);
  if (running.length > 0) {
    output.note(`${count(running.length, 'run')} went back in line; up to one turn of each is repeated elsewhere.`);
  }
  if (state === 'offline') output.note('It is offline now: it learns of this when it comes back.');
  output.note(`To have it back, enrol it again: ${context.commandLine('worker enrol')}`);
}
