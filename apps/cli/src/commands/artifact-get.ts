import { resolve } from 'node:path';
import { readArtifacts, type Artifact } from '../artifacts.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { shortId } from '../format/facts.js';
import { count, oneLine } from '../format/text.js';
import { parsePath, parseWhole } from '../parse/values.js';
import { writeBelow } from '../write-below.js';
import type { CommandModule } from './command.js';

interface Flags {
  output?: string;
  force?: boolean;
  run?: number;
}

const downloadTimeoutMs = 600_000;

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task or run')
    .argument('[path]', 'one of its files, as `artifact ls` shows it; all of them when absent')
    .option('-o, --output <folder>', 'where they go, below it under their paths; - for stdout', parsePath)
    .option('--force', 'replace files that are there')
    .option('--run <n>', 'those of run n; of the last one when absent', parseWhole(1, 10_000))
    .action((id: string, path: string | undefined, flags: Flags) =>
      invocation.run((context) => get(context, id, path, flags)),
    );
};

async function get(context: Context, id: string, path: string | undefined, flags: Flags): Promise<void> {
  const { output, config } = context;
  const client = await context.client();
  const { run, artifacts } = await readArtifacts(client, id, flags.run);
  const wanted = path === undefined ? artifacts : artifacts.filter((artifact) => artifact.path === path);
  const [first] = wanted;
  if (first === undefined) {
    throw new CliError(
      exitCodes.notFound,
      path === undefined
        ? `Run ${run.attempt} of ${shortId(run.taskId)} kept no files.`
        : `Run ${run.attempt} of ${shortId(run.taskId)} kept no file ${oneLine(path)}.`,
      path === undefined
        ? 'A task says with `artifacts` which files it keeps.'
        : `List them with \`corch artifact ls ${shortId(run.taskId)}\`.`,
    );
  }
  const read = ({ name }: Artifact) =>
    client.readBlob({ params: { runId: run.id, name }, timeoutMs: downloadTimeoutMs });
  if (flags.output === '-') {
    if (path === undefined) throw new CliError(exitCodes.usage, 'Only one file goes to stdout.', 'Name its path.');
    return output.bytes(await read(first));
  }
  const folder = resolve(config.cwd, flags.output ?? '.');
  const files: string[] = [];
  for (const artifact of wanted) {
    const file = await writeBelow(folder, artifact.path, await read(artifact), flags.force === true);
    files.push(file);
    if (!output.json) output.data(output.isTty ? oneLine(file) : file);
  }
  if (output.json) return output.document(files);
  output.note(`${count(files.length, 'file')} written.`);
}
