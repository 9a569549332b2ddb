import { mailName, type Run } from '@corch/contract';
import { ApiError } from '@corch/contract/client';
import { Option } from 'commander';
import { chooseChange, readKept } from '../choose-change.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { shortId, statText } from '../format/facts.js';
import { paintPatchLine, patchFiles, type FileChange } from '../format/patch.js';
import { count, plain } from '../format/text.js';
import { newestTask, resolveTaskId } from '../ids.js';
import { parseWhole } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  stat?: boolean;
  nameOnly?: boolean;
  mbox?: boolean;
  run?: number;
}

const downloadTimeoutMs = 600_000;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('[id]', 'a task or run; the newest task when absent')
    .option('--stat', 'only the files and how many lines changed')
    .option('--name-only', 'only the names of the files; in a pipe, one a line')
    .addOption(
      new Option(
        '--mbox',
        'as a mailbox for `git am`, with author and message; of a task with `--deliver patch`',
      ).conflicts(['stat', 'nameOnly']),
    )
    .option('--run <n>', 'the change of run n; the last one when absent', parseWhole(1, 10_000))
    .addHelpText(
      'after',
      '\nTake the change into your checkout: corch diff ID | git apply, or: corch checkout ID, or: corch diff ID --mbox | git am',
    )
    .action((id: string | undefined, flags: Flags) => invocation.run((context) => diff(context, id, flags)));
};

async function diff(context: Context, id: string | undefined, flags: Flags): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const taskId = id === undefined ? (await newestTask(client, false)).id : await resolveTaskId(client, id);
  if (id === undefined) output.note(`Change of ${shortId(taskId)}, the newest task.`);
  const run = await chooseChange(client, taskId, {
    attempt: flags.run,
    runId: id?.startsWith('run_') ? id : undefined,
  });
  if (run.stat?.files === 0 && !output.json) return output.note('The run changed nothing.');
  if (flags.nameOnly) return printNames(context, run);
  if (flags.mbox) return printMails(context, run);
  const bytes = await readKept(run, () => client.readPatch({ params: { runId: run.id } }));
  const patch = new TextDecoder().decode(bytes);
  const files = patchFiles(patch);
  if (output.json) return output.document({ runId: run.id, files, ...(flags.stat ? {} : { patch }) });
  if (bytes.length === 0) return output.note('The run changed nothing.');
  if (flags.stat) return printStat(context, files);
  if (!output.isTty) return output.bytes(bytes);
  for (const text of patch.trimEnd().split('\n')) output.data(paintPatchLine(plain(text), output.color));
}

/** From the list that was kept with the change: it knows renames, and names that no patch shows as they are. */
async function printNames(context: Context, run: Run): Promise<void> {
  const { output } = context;
  const api = await context.client();
  const { data, left } = await readKept(run, () => api.listFiles({ params: { runId: run.id } }));
  if (output.json) return output.document({ runId: run.id, files: data, left });
  // One line is one name, whatever it holds.
  for (const { path } of data) output.data(/\p{Cc}/u.test(path) ? JSON.stringify(path) : path);
  if (left > 0) output.note(`… and ${count(left, 'more file')}; the patch has them all.`);
}

async function printMails(context: Context, run: Run): Promise<void> {
  const { output } = context;
  const call = { params: { runId: run.id, name: mailName }, timeoutMs: downloadTimeoutMs };
  const bytes = await (await context.client()).readBlob(call).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'blob_not_found')) throw error;
    const id = shortId(run.taskId);
    throw new CliError(
      exitCodes.notFound,
      'This run kept no patch for `git am`: that is made for tasks with `--deliver patch`.',
      `Take the change with \`corch checkout ${id}\`, or with \`corch diff ${id} | git apply\`.`,
      { cause: error },
    );
  });
  if (output.json) return output.document({ runId: run.id, mbox: new TextDecoder().decode(bytes) });
  if (!output.isTty) return output.bytes(bytes);
  for (const text of new TextDecoder().decode(bytes).trimEnd().split('\n')) {
    output.data(paintPatchLine(plain(text), output.color));
  }
}

function printStat({ output }: Context, files: readonly FileChange[]): void {
  const { green, red, dim } = output.color;
  const named = ({ from, path }: FileChange) => plain(from === undefined ? path : `${from} → ${path}`);
  const width = Math.max(...files.map((file) => named(file).length));
  for (const file of files) {
    const { path, additions, deletions, binary } = file;
    if (output.isTty) {
      const change = binary ? dim('binary') : `${green(`+${additions}`)} ${red(`−${deletions}`)}`;
      output.data(`${named(file).padEnd(width)}  ${change}`);
    } else {
      output.row([path, binary ? '-' : String(additions), binary ? '-' : String(deletions)]);
    }
  }
  const sum = (pick: (file: FileChange) => number) => files.reduce((total, file) => total + pick(file), 0);
  const stat = {
    files: files.length,
    additions: sum((file) => file.additions),
    deletions: sum((file) => file.deletions),
  };
  output.note(files.length === 0 ? count(0, 'file') : statText(stat));
}
