import { isFinal, type Run, type RunEvent } from '@corch/contract';

/** What the orchestrator itself says about a run, beside its status. */
const ownTypes = new Set(['action', 'gap', 'message']);

/**
 * Holds the stored events of a run against its row, and returns what cannot be: a hole in the numbers, a second end, a
 * move after the end, a line that counts though its writer did not hold the run, two holders at once.
 */
export function auditRun(run: Run, events: readonly RunEvent[]): string[] {
  const problems: string[] = [];
  const wrong = (what: string) => problems.push(`run ${run.id} ${what}`);
  const hole = events.findIndex((event, index) => event.seq !== index + 1);
  if (hole !== -1) wrong(`has event ${events[hole]?.seq} in place ${hole + 1}`);
  if (run.eventCount !== events.length) wrong(`counts ${run.eventCount} events and has ${events.length}`);

  let holder: number | null = null;
  let epoch = 0;
  let finals = 0;
  // What rests when it is cancelled has no process that ends.
  let endedAtWork = false;
  for (const event of events) {
    if (event.type !== 'status') {
      // A report that was refused is told by the orchestrator, in a note, whoever holds the run or nobody.
      const isOwn = ownTypes.has(event.type) || (event.type === 'note' && holder === null);
      const counts = event.late !== true && !isOwn;
      if (counts && event.epoch !== holder) {
        wrong(`was written to by epoch ${event.epoch} (event ${event.seq}) while ${holder ?? 'nobody'} held it`);
      }
      continue;
    }
    if (finals > 0) wrong(`became ${event.status} (event ${event.seq}) after its end`);
    if (isFinal(event.status)) endedAtWork = holder !== null;
    if (event.status === 'running') {
      if (holder !== null) wrong(`was given to epoch ${event.epoch} while ${holder} held it`);
      if (event.epoch <= epoch) wrong(`ran under epoch ${event.epoch} after ${epoch}`);
      holder = epoch = event.epoch;
    } else holder = null;
    if (isFinal(event.status)) finals++;
  }
  const last = events.findLast((event) => event.type === 'status')?.status;
  if (last !== run.status) wrong(`is ${run.status}, and its last status event says ${last}`);
  if (isFinal(run.status) && run.leaseExpiresAt !== null) wrong('has ended and still has a lease');
  if (endedAtWork && run.exit === null) wrong('has ended and nobody knows how');
  return problems;
}
