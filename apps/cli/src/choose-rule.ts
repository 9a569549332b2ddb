import type { ApprovalRule } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import { CliError } from './cli-error.js';
import { exitCodes } from './exit-codes.js';
import { ruleText } from './format/rule.js';
import { matchIds, pickOne } from './ids.js';

/** A rule and its place among those of its repository, 1 for the first. */
export interface PlacedRule {
  readonly rule: ApprovalRule;
  readonly place: number;
}

/** The rules of a repository in their order. */
export async function readRules(client: Client, repository: string): Promise<PlacedRule[]> {
  const { data } = await client.listRules({ params: { repository } });
  return data.map((rule, index) => ({ rule, place: index + 1 }));
}

/**
 * The rule that a person means by its place, its id or the end of that.
 * @throws {CliError} when there is none, or more than one
 */
export async function chooseRule(client: Client, repository: string, text: string): Promise<PlacedRule> {
  const rules = await readRules(client, repository);
  if (/^\d{1,4}$/.test(text)) {
    const found = rules[Number(text) - 1];
    if (found !== undefined) return found;
    throw new CliError(
      exitCodes.notFound,
      rules.length === 0
        ? `${repository} has no rules.`
        : `${repository} has rules 1 to ${rules.length}, none ${text}.`,
      `List them with \`corch rule ls ${repository}\`.`,
    );
  }
  const byId = rules.map((placed) => ({ ...placed, id: placed.rule.id }));
  const describe = ({ place, rule }: PlacedRule) => `${place}  ${rule.id}  ${ruleText(rule)}`;
  return pickOne(text, matchIds(text, byId), 'rule', describe, `corch rule ls ${repository}`);
}
