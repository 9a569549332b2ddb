import type { Worker } from '@corch/contract';
import type { Context } from './context.js';
import { modeText } from './format/worker.js';

/** Says what a worker shall do from now on, and what follows from it. */
export function tellMode({ output }: Context, worker: Worker, notes: readonly string[]): void {
  if (output.json) return output.document(worker);
  if (output.isTty) output.data(`${modeText(worker, Date.now())}  ${worker.name}`);
  else output.row([worker.id, worker.mode, worker.drainBy ?? '']);
  const isAway = worker.state === 'offline' ? ['It is offline now; the order waits for it.'] : [];
  for (const note of [...notes, ...isAway]) output.note(`  ${note}`);
}
