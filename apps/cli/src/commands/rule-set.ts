import { EditRule } from '@corch/contract';
import { Option } from 'commander';
import { chooseRule, readRules } from '../choose-rule.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { printRule } from '../format/rule.js';
import { parseWhole } from '../parse/values.js';
import { demandFit } from '../submit/rule-input.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .argument('<repository>', 'a registered repository')
    .argument('<rule>', 'its place in the list, its id or the end of that')
    .option('--tool <tool>', 'the tool it is about')
    .option('--match <pattern>', 'how the command, path or address looks; ** for everything')
    .addOption(new Option('--decision <decision>', 'what it says').choices(['allow', 'deny']))
    .option('-m, --message <text>', 'with deny: what Claude is told')
    .option('--position <n>', 'its place from now on', parseWhole(1, 1000))
    .action((repository: string, rule: string, edit: EditRule) =>
      invocation.run((context) => set(context, repository, rule, edit)),
    );
};

async function set(context: Context, repository: string, text: string, body: EditRule): Promise<void> {
  const { output } = context;
  if (Object.keys(body).length === 0) {
    throw new CliError(exitCodes.usage, 'Nothing to set.', 'See `corch rule set --help` for what can be set.');
  }
  demandFit(EditRule, body);
  const client = await context.client();
  const { rule } = await chooseRule(client, repository, text);
  const edited = await client.editRule({ params: { repository, ruleId: rule.id }, body });
  if (output.json) return output.document(edited);
  if (output.quiet) return output.data(edited.id);
  const placed = (await readRules(client, repository)).find((each) => each.rule.id === edited.id);
  printRule(output, placed ?? { rule: edited, place: body.position ?? 1 });
}
