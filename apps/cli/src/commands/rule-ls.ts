import { readRules, type PlacedRule } from '../choose-rule.js';
import type { Context } from '../context.js';
import { column, printTable, type Column } from '../format/table.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .action((repository: string) => invocation.run((context) => list(context, repository)));
};

async function list(context: Context, repository: string): Promise<void> {
  const { output } = context;
  const rules = await readRules(await context.client(), repository);
  if (output.json) return output.document(rules.map(({ rule }) => rule));
  if (output.quiet) return rules.forEach(({ rule }) => output.data(rule.id));
  if (rules.length === 0) {
    return output.note(
      `No rules: people decide all of it. ${context.commandLine(`rule add ${repository} allow Bash "npm *"`)}`,
    );
  }
  await printTable(output, columns, rules);
}

const columns: readonly Column<PlacedRule>[] = [
  column('PLACE', ({ place }) => String(place)),
  column('ID', ({ rule }) => rule.id),
  column('DECISION', ({ rule }) => rule.decision),
  column('TOOL', ({ rule }) => rule.tool),
  column('MATCH', ({ rule }) => rule.match, { flexible: true }),
  column('MESSAGE', ({ rule }) => rule.message ?? '—', { flexible: true }),
];
