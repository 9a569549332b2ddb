import type { Context } from '../context.js';
import { printPreview } from '../format/rule.js';
import { addRuleArguments, ruleOf, type RuleWords } from '../submit/rule-input.js';
import type { CommandModule } from './command.js';

export const define: CommandModule['define'] = (command, invocation) => {
  addRuleArguments(command)
    .addHelpText('after', '\nNothing is kept. It is held against the last 1,000 requests, as if it were the only rule.')
    .action((repository: string, decision: RuleWords['decision'], tool: string, match: string | undefined) =>
      invocation.run((context) => preview(context, repository, { decision, tool, match })),
    );
};

async function preview(context: Context, repository: string, words: RuleWords): Promise<void> {
  const body = ruleOf(words);
  const found = await (await context.client()).previewRule({ params: { repository }, body });
  if (context.output.json) return context.output.document(found);
  printPreview(context.output, found);
}
