import { chooseWorker } from '../choose-worker.js';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import { parseGrace } from '../parse/duration.js';
import { tellMode } from '../tell-mode.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<worker>', 'a worker: its name, its id or the end of that')
    .option(
      '--grace <time>',
      'what still runs then is handed back, such as 10m; 0s for at once (default 10m)',
      parseGrace,
    )
    .action((worker: string, flags: { grace?: number }) =>
      invocation.run((context) => drain(context, worker, flags.grace)),
    );
};

async function drain(context: Context, text: string, graceSeconds: number | undefined): Promise<void> {
  const client = await context.client();
  const { id: workerId } = await chooseWorker(client, text);
  const body = graceSeconds === undefined ? {} : { graceSeconds };
  const worker = await client.drainWorker({ params: { workerId }, body });
  tellMode(context, worker, [
    `It takes nothing new. ${whatFollows(worker.running.length, worker.drainBy)}`,
    `Take it into service again: ${context.commandLine(`worker resume ${worker.name}`)}`,
  ]);
}

function whatFollows(runs: number, drainBy: string | null): string {
  if (runs === 0) return 'Nothing runs there: it can be stopped.';
  const there = count(runs, 'run');
  const follows = 'handed back and goes on elsewhere; no attempt is counted';
  if (drainBy === null || Date.parse(drainBy) <= Date.now()) return `What runs there (${there}) is ${follows}.`;
  return `What has not ended ${relativeTime(drainBy, Date.now())} (${there} now) is ${follows}.`;
}
