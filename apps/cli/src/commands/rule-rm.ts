import { chooseRule } from '../choose-rule.js';
import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import { ruleText } from '../format/rule.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .argument('<rule>', 'its place in the list, its id or the end of that')
    .addHelpText('after', '\nWhat it decided stays decided.')
    .action((repository: string, rule: string) => invocation.run((context) => remove(context, repository, rule)));
};

async function remove(context: Context, repository: string, text: string): Promise<void> {
  const { output } = context;
  const client = await context.client();
  const { rule } = await chooseRule(client, repository, text);
  await confirm(context, `Remove the rule "${ruleText(rule)}" of ${repository}`);
  await client.removeRule({ params: { repository, ruleId: rule.id } });
  if (output.json) return output.document({ removed: rule.id });
  output.data(output.isTty ? `removed  ${ruleText(rule)}` : rule.id);
}
