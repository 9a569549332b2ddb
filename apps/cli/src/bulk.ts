// One action on all tasks of a filter: counted, asked for, started, and followed to its end.
import { bulkFilter, type Bulk, type StartBulk, type Total } from '@corch/contract';
import { pause } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import { confirm } from './confirm.js';
import type { Context } from './context.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { shortId } from './format/facts.js';
import { capital, count, oneLine } from './format/text.js';

export interface BulkFlags {
  readonly filter?: string;
  readonly dryRun?: boolean;
}

const pollMs = 500;

/** Which tasks: those that were named, or all that a filter finds. */
type Way<T> =
  { readonly named: T; readonly filter?: undefined } | { readonly named?: undefined; readonly filter: string };

/** What a command that takes ids or a filter was given. @throws {CliError} unless it is one of the two */
export function demandOneWay<T>(named: T | undefined, { filter, dryRun }: BulkFlags): Way<T> {
  if (named === undefined && filter !== undefined) return { filter };
  if (named === undefined || filter !== undefined) {
    throw new CliError(
      exitCodes.usage,
      'Name tasks by their ids or by --filter, and not both.',
      'See docs/filters.md.',
    );
  }
  if (dryRun === true) {
    throw new CliError(exitCodes.usage, '--dry-run counts what a --filter finds.', 'Add --filter.');
  }
  return { named };
}

/** `verb`: what is done, as `cancel`. */
export async function actOnAll(
  context: Context,
  verb: string,
  asked: { filter: string; do: StartBulk['do'] },
  isDryRun: boolean,
): Promise<ExitCode | void> {
  const { output } = context;
  const client = await context.client();
  const wanted = bulkFilter(asked.do.action, asked.filter);
  const total = await client.countTasks({ query: { filter: wanted } });
  const named = `${verb} ${amount(total)}`;
  if (isDryRun) return output.json ? output.document({ dryRun: true, total }) : output.data(`would ${named}`);
  if (total.value === 0) return output.json ? output.document(null) : output.note('No task fits.');
  await confirm(context, capital(named));
  const expected = total.relation === 'eq' ? { expectedCount: total.value } : {};
  const started = await client.startBulk({ body: { ...asked, ...expected } });
  output.note(`${started.id}: stop it with \`${context.commandLine(`task bulk ${started.id} --stop`)}\``);
  return report(context, verb, await follow(context, started));
}

async function follow(context: Context, started: Bulk): Promise<Bulk> {
  const client = await context.client();
  let bulk = started;
  for (let shown = 0; bulk.status === 'running';) {
    await pause(pollMs);
    bulk = await client.readBulk({ params: { bulkId: bulk.id } });
    const taken = bulk.done + bulk.failed;
    if (taken > shown && bulk.status === 'running') context.output.note(`${taken} of ${bulk.total}`);
    shown = taken;
  }
  return bulk;
}

/** Says how it ended; a task that could not be changed is a failure. */
function report(context: Context, verb: string, bulk: Bulk): ExitCode {
  const { output } = context;
  if (output.json) output.document(bulk);
  else
    output.data(
      `${verb}: ${bulk.done} of ${count(bulk.total, 'task')}${bulk.status === 'stopped' ? ', then stopped' : ''}`,
    );
  for (const { taskId, message } of bulk.failures)
    output.warn(`  ${shortId(taskId)}  ${oneLine(context.localise(message))}`);
  const more = bulk.failed - bulk.failures.length;
  if (more > 0) output.warn(`  and ${more} more`);
  return bulk.failed > 0 ? exitCodes.failed : exitCodes.ok;
}

function amount({ value, relation }: Total): string {
  return relation === 'gte' ? `more than ${value} tasks` : count(value, 'task');
}
