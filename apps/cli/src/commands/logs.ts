import { isFinal, type RunEvent } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { chooseRun } from '../choose-run.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { newestTask, resolveTaskId } from '../ids.js';
import { parseWhole } from '../parse/values.js';
import { paint } from '../transcript/line.js';
import { TranscriptRenderer } from '../transcript/renderer.js';
import { followTask, knownEvent, type TaskListener } from '../watch/follow-task.js';
import type { CommandModule } from './command.js';

interface Flags {
  follow?: boolean;
  run?: number;
  brief?: boolean;
}

const pollMs = 5000;
const pageSize = 1000;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'a task or run; the newest task when absent')
    .option('-f, --follow', 'go on with what is said from now on, until the task has ended')
    .option('--run <n>', 'the transcript of run n; the last one when absent', parseWhole(1, 10_000))
    .option('--brief', 'without prompts, thinking and what tools answered, as `watch` shows it')
    .addHelpText('after', '\nWith --json: one event per line.')
    .action((id: string | undefined, flags: Flags) => invocation.run((context) => logs(context, id, flags)));
};

async function logs(context: Context, id: string | undefined, flags: Flags): Promise<ExitCode | void> {
  const client = await context.client();
  const taskId = id === undefined ? (await newestTask(client, false)).id : await resolveTaskId(client, id);
  if (id === undefined) context.output.note(`Transcript of ${shortId(taskId)}, the newest task.`);
  const task = await client.readTask({ params: { taskId } });
  const named = id?.startsWith('run_') ? id : undefined;
  const printer = new Printer(context, flags.brief !== true);
  if (flags.follow && flags.run === undefined && named === undefined && !isFinal(task.status)) {
    return followLogs(context, client, taskId, printer);
  }
  const run = await chooseRun(client, taskId, { attempt: flags.run, runId: named });
  for await (const event of storedEvents(client, run.id)) printer.event(event);
  printer.end();
  if (run.eventCount === 0) context.output.note('Nothing was said yet.');
  if (run.logIncomplete) context.output.warn('Lines may be missing from this transcript.');
}

async function followLogs(context: Context, client: Client, taskId: string, printer: Printer): Promise<ExitCode> {
  const { terminal } = context;
  const detached = new AbortController();
  const detach = () => {
    if (detached.signal.aborted) return terminal.quit(exitCodes.interrupted);
    detached.abort(new Error('detached'));
  };
  terminal.signals.on('SIGINT', detach);
  try {
    await followTask(client, taskId, printer, { signal: detached.signal, pollMs });
    printer.end();
    return exitCodes.ok;
  } catch (error) {
    if (!detached.signal.aborted) throw error;
    printer.end();
    return exitCodes.interrupted;
  } finally {
    terminal.signals.off('SIGINT', detach);
  }
}

/** Prints events: rendered, or as JSON lines. */
class Printer implements TaskListener {
  private renderer: TranscriptRenderer;

  constructor(
    private readonly context: Context,
    private readonly full: boolean,
  ) {
    this.renderer = new TranscriptRenderer(full);
  }

  event(event: RunEvent): void {
    const { output } = this.context;
    if (output.json) return output.data(JSON.stringify(event));
    for (const line of this.renderer.push(event)) output.data(paint(line, output.color));
  }

  end(): void {
    const { output } = this.context;
    if (!output.json) for (const line of this.renderer.end()) output.data(paint(line, output.color));
  }

  run(): void {
    this.end();
    this.renderer = new TranscriptRenderer(this.full);
  }

  task(): void {
    // Reasons are no part of a transcript.
  }

  connection(): void {
    // The follower goes on by itself.
  }
}

async function* storedEvents(client: Client, runId: string): AsyncGenerator<RunEvent> {
  let after = 0;
  for (;;) {
    const page = await client.listEvents({ params: { runId }, query: { after, limit: pageSize } });
    for (const event of page.data) yield knownEvent(event);
    after = page.lastSeq;
    if (!page.hasMore) return;
  }
}
