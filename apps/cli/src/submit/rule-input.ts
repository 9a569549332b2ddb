import { AddRule, type EditRule } from '@corch/contract';
import { Argument, type Command } from 'commander';
import { CliError } from '../cli-error.js';
import { exitCodes } from '../exit-codes.js';

/** What a rule is made of, as it stands on the command line. */
export interface RuleWords {
  readonly decision: AddRule['decision'];
  readonly tool: string;
  readonly match?: string | undefined;
  readonly message?: string | undefined;
  readonly position?: number | undefined;
}

/** Adds the arguments of {@link RuleWords} to a command. */
export function addRuleArguments(command: Command): Command {
  return command
    .argument('<repository>', 'a registered repository')
    .addArgument(new Argument('<decision>', 'what the rule says').choices(['allow', 'deny']))
    .argument('<tool>', 'the tool it is about, such as Bash, Edit or mcp__server__tool; "*" for each of them')
    .argument(
      '[match]',
      'how the command, path or address looks, in quotes: "npm *", "src/**"; everything when absent',
    );
}

/** A rule as the API takes it. @throws {CliError} naming what is wrong, in the words of the command line */
export function ruleOf(words: RuleWords): AddRule {
  const rule = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
  if (words.decision === 'allow' && words.message !== undefined) {
    throw new CliError(exitCodes.usage, 'A message is for rules that deny.', 'Leave -m out, or deny.');
  }
  demandFit(AddRule, rule);
  return rule as AddRule;
}

/** @throws {CliError} naming what is wrong with a rule or a change of one, in the words of the command line */
export function demandFit(schema: typeof AddRule | typeof EditRule, rule: unknown): void {
  const wrong = schema.safeParse(rule).error?.issues[0];
  if (wrong === undefined) return;
  const hint = 'A tool is called as Claude Code calls it; a match is quoted, so that the shell leaves it alone.';
  throw new CliError(exitCodes.invalid, `The ${String(wrong.path[0])} ${wrong.message}.`, hint);
}
