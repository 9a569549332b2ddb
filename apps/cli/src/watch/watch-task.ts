import type { TaskDetail } from '@corch/contract';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { followTask } from './follow-task.js';
import { nextCommands, outcomeLine, taskExitCode } from './outcome.js';
import { tellNext } from './tell-next.js';
import { WatchView } from './watch-view.js';

/** Often enough that a reason which changes is seen soon, seldom enough to cost nothing. */
const pollMs = 2000;

/** Shows a task until it ends and returns its exit code. Ctrl-C leaves it to itself; a second one quits at once. */
export async function watchTask(context: Context, taskId: string, full: boolean): Promise<ExitCode> {
  const { output, terminal } = context;
  const client = await context.client();
  const detached = new AbortController();
  const view = new WatchView(context, full);
  const detach = () => {
    if (detached.signal.aborted) return terminal.quit(exitCodes.interrupted);
    detached.abort(new Error('detached'));
    view.finish();
    const id = shortId(taskId);
    output.warn(
      `Detached; the task goes on. Come back: ${context.commandLine(`watch ${id}`)}   Cancel it: ${context.commandLine(`cancel ${id}`)}`,
    );
  };
  terminal.signals.on('SIGINT', detach);
  try {
    const task = await followTask(client, taskId, view, { signal: detached.signal, pollMs });
    view.finish();
    tellEnd(context, task);
    return taskExitCode(task);
  } catch (error) {
    if (detached.signal.aborted) return exitCodes.interrupted;
    view.finish();
    throw error;
  } finally {
    terminal.signals.off('SIGINT', detach);
  }
}

function tellEnd(context: Context, task: TaskDetail): void {
  const { output } = context;
  if (output.json) output.document(task);
  else output.data(outcomeLine(task, output.color));
  if (task.hint !== null && task.status !== 'succeeded') output.note(`  ${context.localise(task.hint)}`);
  tellNext(context, nextCommands(task, context.commandLine));
}
