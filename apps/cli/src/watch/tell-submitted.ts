import type { TaskDetail } from '@corch/contract';
import type { Context } from '../context.js';
import { shortId } from '../format/facts.js';
import { oneLine } from '../format/text.js';
import { relativeTime } from '../format/time.js';
import { nextCommands } from './outcome.js';
import { tellNext } from './tell-next.js';

/** A repeated request. */
export const replayedNote = 'This Idempotency-Key was used before: nothing new was created, this is the first answer.';

/** Says which task there is now, where to see it, why it waits if it does, and what to do next. */
export function tellSubmitted(
  context: Context,
  task: TaskDetail,
  { replayed, watched }: { replayed: boolean; watched: boolean },
): void {
  const { output } = context;
  if (replayed) output.note(replayedNote);
  // Whoever watches sees all of it in the header, or asked for one document at the end.
  if (watched) return;
  if (output.json) return output.document(task);
  if (output.quiet) return output.data(task.id);
  if (output.isTty) {
    output.data(`${output.color.bold(task.status)}  ${task.id} · ${oneLine(task.title)}\n  ${task.url}`);
  } else {
    output.row([task.id, task.url]);
  }
  if (task.startAt !== null && task.status === 'scheduled')
    output.note(`  starts ${relativeTime(task.startAt, Date.now())}`);
  else if (task.reasonText !== null) {
    const next = task.hint === null ? '' : ` ${context.sentence(task.hint)}`;
    output.note(`  ${task.status}: ${context.sentence(task.reasonText)}${next}`);
  }
  tellNext(context, [...nextCommands(task, context.commandLine), context.commandLine(`show ${shortId(task.id)}`)]);
}
