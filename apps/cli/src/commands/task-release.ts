import { isFinal } from '@corch/contract';
import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { resolveTaskId } from '../ids.js';
import { tellNext } from '../watch/tell-next.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a running task, or its run: the whole id, or its end')
    .option('--force', 'also from a worker that still answers')
    .addHelpText(
      'after',
      '\nThe task goes back in line and goes on from its last checkpoint, on whichever worker takes it: up to one turn is\n' +
        'repeated. It counts as no attempt. The worker ends what it still runs of it as soon as it hears of this.',
    )
    .action((id: string, flags: { force?: boolean }) =>
      invocation.run((context) => release(context, id, flags.force === true)),
    );
};

async function release(context: Context, id: string, force: boolean): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskId = await resolveTaskId(client, id);
  const before = await client.readTask({ params: { taskId } });
  const worker = before.workerName === null ? 'its worker' : `the worker ${oneLine(before.workerName)}`;
  await confirm(context, `Take ${taskId} from ${worker} (up to one turn is repeated elsewhere)`);
  const task = await client.releaseTask({ params: { taskId }, body: { force } });
  if (output.json) return output.document(task);
  if (output.isTty) output.data(`${task.status}  ${shortId(taskId)}  ${oneLine(task.title)}`);
  else output.row([taskId, task.status]);
  if (isFinal(task.status)) {
    output.note(
      `  Cancel had been asked for, so it is ${task.status}; ${worker} ends what still runs when it returns.`,
    );
  } else {
    output.note(
      `  It goes on from its last checkpoint. What ${worker} still says is kept, marked late, and moves nothing.`,
    );
  }
  tellNext(context, [`task why ${shortId(taskId)}`, `watch ${shortId(taskId)}`].map(context.commandLine));
}
