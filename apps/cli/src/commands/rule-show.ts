import { chooseRule } from '../choose-rule.js';
import type { Context } from '../context.js';
import { printPreview, printRule } from '../format/rule.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .argument('<rule>', 'its place in the list, its id or the end of that')
    .addHelpText('after', '\nAlso says which of the last 1,000 requests it would have decided, had it been alone.')
    .action((repository: string, rule: string) => invocation.run((context) => show(context, repository, rule)));
};

async function show(context: Context, repository: string, text: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const placed = await chooseRule(client, repository, text);
  const { tool, match, decision, message } = placed.rule;
  const past = await client.previewRule({ params: { repository }, body: { tool, match, decision, message } });
  if (output.json) return output.document({ ...placed.rule, place: placed.place, past });
  if (output.quiet) return output.data(placed.rule.id);
  printRule(output, placed);
  printPreview(output, past);
}
