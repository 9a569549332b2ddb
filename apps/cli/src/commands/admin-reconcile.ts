import type { ReconcileReport } from '@corch/contract';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command.action(() => invocation.run(reconcile));
};

async function reconcile(context: Context): Promise<void> {
  const { output } = context;
  const report = await (await context.client()).reconcile();
  if (output.json) return output.document(report);
  if (output.isTty) output.data(reportLines(report).join('\n'));
  else for (const [name, value] of Object.entries(report)) output.row([name, valueText(value)]);
  if (report.mended.length === 0) return;
  output.warn(
    `${output.noteColor.yellow('!')} The status of ${count(report.mended.length, 'task')} was not that of the current run, ` +
      `and was mended: ${report.mended.join(', ')}\n  That is a bug. Please report it with the log of the orchestrator.`,
  );
}

function reportLines({ promoted, reaped, announced }: ReconcileReport): string[] {
  return [
    promoted === 0
      ? 'No scheduled or parked run was due.'
      : `${count(promoted, 'scheduled or parked run')} went into line: the time had come.`,
    reaped === 0
      ? 'No run had a worker that was away for too long.'
      : `${count(reaped, 'run')} went back into line or ended: the worker did not begin, or was away for too long.`,
    announced === 0 ? 'Nothing stands in line.' : `Workers were told again of ${count(announced, 'run')} in line.`,
  ];
}

function valueText(value: number | readonly string[]): string {
  return typeof value === 'number' ? String(value) : value.join(',');
}
