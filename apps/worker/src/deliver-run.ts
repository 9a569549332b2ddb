// Hands a completed run over: the rest of its events, the files of the change, the finish. Repeated until acknowledged, also across
// restarts; the work is paid for.
import { bundleName } from '@corch/contract';
import { ApiError, patient } from '@corch/contract/client';
import { inSpan } from '@corch/telemetry';
import type { WorkerContext } from './context.js';
import type { EventSender } from './event-sender.js';
import type { Completion, RunFolder } from './run-folder.js';
import type { Spool } from './spool.js';
import { afterChange } from './stages/ends.js';
import { uploadFiles } from './upload-files.js';

/** `kept`: stopped before the end, with everything still on disk. `resting`: the run is parked and comes back some day. */
export type Delivered = 'gone' | 'resting' | 'kept';

/** Where the words of a run go. */
interface Lines {
  readonly spool: Spool;
  readonly sender: EventSender;
}

/**
 * Delivers until it is acknowledged or `signal` is aborted; `stale` only ends the patience with the lines.
 *
 * A refusal (the lease is gone, the run is finished or unknown) is final too: somebody else's word counts then.
 */
export async function deliverRun(
  context: WorkerContext,
  folder: RunFolder,
  completion: Completion,
  lines: Lines,
  signal: AbortSignal,
  stale: AbortSignal,
): Promise<Delivered> {
  const { runId, epoch, runToken } = folder.run;
  const client = context.clientFor(runToken);
  const { sender } = lines;
  const refusedIs = (what: string) => (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    context.logger.warn(`${what} refused`, { runId, code: error.code, error: error.message });
    return undefined;
  };
  try {
    await sender.drain(AbortSignal.any([signal, stale]));
    if (!sender.isAtEnd) return 'kept';
    if (!stale.aborted) {
      const attributes = { 'corch.files': completion.files.length };
      await inSpan('upload', { attributes }, () => handFilesOver(context, folder, completion, lines, signal));
    }
    if (completion.start !== null) {
      const start = { params: { runId }, body: { epoch, ...completion.start }, retry: patient, signal };
      await client.reportStart(start).catch(refusedIs('start'));
    }
    const body = folder.completion?.finish ?? completion.finish;
    const report = { params: { runId }, body, retry: patient, signal };
    const run = await inSpan('finish', {}, () => client.finishRun(report).catch(refusedIs('finish')));
    return run?.status === 'waiting' ? 'resting' : 'gone';
  } catch (error) {
    if (signal.aborted) return 'kept';
    throw error;
  }
}

/** Uploads the files. What is not kept is told, and the end of the run no longer speaks of it. */
async function handFilesOver(
  context: WorkerContext,
  folder: RunFolder,
  { start, finish, files }: Completion,
  { spool, sender }: Lines,
  signal: AbortSignal,
): Promise<void> {
  const unkept = await uploadFiles(context, folder, files, signal);
  if (unkept.length === 0) return;
  await spool.append(unkept.map(({ text }) => ({ type: 'gap', text })));
  await spool.sync();
  // A commit that nobody has cannot be delivered.
  const lost = unkept.find(({ name }) => name === bundleName);
  const exit = afterChange(finish.exit, folder.run.spec, lost?.text ?? null);
  const commit = lost === undefined ? finish.commit : null;
  await folder.saveCompletion({ start, finish: { ...finish, exit, commit, lastN: spool.lastN }, files: [] });
  await sender.drain(signal);
}
