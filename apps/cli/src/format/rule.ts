import type { ApprovalRule, RulePreview } from '@corch/contract';
import type { PlacedRule } from '../choose-rule.js';
import type { Output } from '../output.js';
import { approvalText } from './approval.js';
import { shortId } from './facts.js';
import { printField } from './fields.js';
import { count, cut, oneLine } from './text.js';
import { relativeTime } from './time.js';

/** How many requests a screen shows of those that a rule fits. */
const shown = 10;

/** A rule on one line: `allow Bash npm *`. */
export function ruleText({ decision, tool, match }: Pick<ApprovalRule, 'decision' | 'tool' | 'match'>): string {
  return `${decision} ${tool} ${oneLine(match)}`;
}

/** One rule with everything that is kept of it. */
export function printRule(output: Output, { rule, place }: PlacedRule): void {
  const { id, tool, match, decision, message, createdAt, createdBy } = rule;
  printField(output, 'place', String(place));
  printField(output, 'id', id);
  printField(output, 'decision', decision);
  printField(output, 'tool', tool);
  printField(output, 'match', match);
  printField(output, 'message', message ?? undefined);
  printField(
    output,
    'added',
    output.isTty ? `${relativeTime(createdAt, Date.now())} by ${oneLine(createdBy)}` : createdAt,
  );
}

/** The requests that a rule fits, newest first, each with what became of it. */
export function printPreview(output: Output, { looked, fits, data }: RulePreview): void {
  if (output.quiet) return data.forEach(({ id }) => output.data(id));
  if (!output.isTty) {
    data.forEach((one) => output.row([one.id, one.createdAt, one.status, approvalText(one)]));
    return output.note(previewText(looked, fits).replace(/:$/, '.'));
  }
  output.data(previewText(looked, fits));
  const now = Date.now();
  for (const one of data.slice(0, shown)) {
    const facts = `${shortId(one.id)}  ${relativeTime(one.createdAt, now).padEnd(11)}  ${one.status.padEnd(8)}`;
    output.data(`  ${output.color.dim(facts)}  ${cut(approvalText(one), Math.max(20, output.width - 34))}`);
  }
  const left = fits - Math.min(shown, data.length);
  if (left > 0) output.note(`… and ${left} more; in a pipe or with --json the newest ${data.length} are listed.`);
}

function previewText(looked: number, fits: number): string {
  if (looked === 0) return 'Nothing was asked in this repository yet.';
  return `It would have decided ${fits} of the last ${count(looked, 'request')}${fits === 0 ? '.' : ':'}`;
}
