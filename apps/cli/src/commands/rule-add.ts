import { readRules } from '../choose-rule.js';
import type { Context } from '../context.js';
import { printRule } from '../format/rule.js';
import { parseWhole } from '../parse/values.js';
import { addRuleArguments, ruleOf, type RuleWords } from '../submit/rule-input.js';
import type { CommandModule } from './command.js';

type Flags = Pick<RuleWords, 'message' | 'position'>;

export const define: CommandModule['define'] = (command, invocation) => {
  addRuleArguments(command)
    .option('-m, --message <text>', 'with deny: what Claude is told')
    .option(
      '--position <n>',
      'put it before the rule at this place; behind all others when absent',
      parseWhole(1, 1000),
    )
    .addHelpText(
      'after',
      '\nIt decides what is asked from now on; what is open stays open. The first rule that fits counts.\n' +
        'What it would have decided of what was asked before: `corch rule preview REPOSITORY …` with the same words.',
    )
    .action(
      (repository: string, decision: RuleWords['decision'], tool: string, match: string | undefined, flags: Flags) =>
        invocation.run((context) => add(context, repository, { decision, tool, match, ...flags })),
    );
};

async function add(context: Context, repository: string, words: RuleWords): Promise<void> {
  const { output } = context;
  const body = ruleOf(words);
  const client = await context.client();
  const rule = await client.addRule({ params: { repository }, body });
  if (output.json) return output.document(rule);
  if (output.quiet) return output.data(rule.id);
  const rules = await readRules(client, repository);
  printRule(output, rules.find((each) => each.rule.id === rule.id) ?? { rule, place: rules.length });
}
