import { sizeText } from '@corch/contract';
import { readArtifacts, type Artifact } from '../artifacts.js';
import type { Context } from '../context.js';
import { shortId } from '../format/facts.js';
import { printTable, type Column } from '../format/table.js';
import { oneLine } from '../format/text.js';
import { parseWhole } from '../parse/values.js';
import type { CommandModule } from './command.js';

interface Flags {
  run?: number;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<id>', 'a task or run')
    .option('--run <n>', 'those of run n; of the last one when absent', parseWhole(1, 10_000))
    .action((id: string, flags: Flags) => invocation.run((context) => list(context, id, flags)));
};

async function list(context: Context, id: string, { run: attempt }: Flags): Promise<void> {
  const { output } = context;
  const { run, artifacts } = await readArtifacts(await context.client(), id, attempt);
  if (output.json) return output.document(artifacts);
  if (artifacts.length === 0) return output.note(`Run ${run.attempt} of ${shortId(run.taskId)} kept no files.`);
  if (output.quiet) return artifacts.forEach(({ path }) => output.data(path));
  await printTable(output, columns, artifacts);
}

const columns: readonly Column<Artifact>[] = [
  { title: 'SIZE', cell: ({ size }) => sizeText(size), raw: ({ size }) => String(size) },
  { title: 'PATH', cell: ({ path }) => oneLine(path), raw: ({ path }) => path, flexible: true },
];
