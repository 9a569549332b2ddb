// How commits and pull requests are worded. Pure.
import type { ClaimedRun, CommitOptions, Delivery } from '@corch/contract';

/** What `{title}` and the others stand for. */
export interface Facts {
  readonly title: string;
  readonly taskId: string;
  readonly taskUrl: string | null;
  readonly runId: string;
  /** Claude's final answer. */
  readonly answer: string | null;
}

export function factsOf(run: Pick<ClaimedRun, 'title' | 'taskId' | 'taskUrl' | 'runId'>, answer: string | null): Facts {
  const { title, taskId, taskUrl, runId } = run;
  return { title, taskId, taskUrl, runId, answer };
}

/** Fills a template in; other words in braces stay as they are. */
export function fill(template: string, facts: Facts): string {
  return template.replaceAll(/\{(title|taskId|taskUrl|runId|answer)\}/g, (_, name: keyof Facts) => facts[name] ?? '');
}

/** One line of at most `max` characters. */
export function oneLine(text: string, max = 250): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).trimEnd()}…`;
}

/** The message of the commit: what was asked for or the title, then the trailers, the last of which leads to the task. */
export function commitMessage(commit: CommitOptions | undefined, facts: Facts): string {
  const text = fill(commit?.message ?? '{title}', facts).trim() || facts.taskId;
  const link = facts.taskUrl ?? facts.taskId;
  return `${text}\n\n${[...(commit?.trailers ?? []), `Task: ${link}`].join('\n')}\n`;
}

export const defaultAuthor = 'corch <corch@localhost>';

/** Characters that GitHub takes. */
const maxBody = 65_000;

/** Title and body of the pull request. Without a template the body is Claude's answer and the link to the task. */
export function pullRequestText(delivery: Delivery | undefined, facts: Facts): { title: string; body: string } {
  const link = facts.taskUrl === null ? `Task ${facts.taskId}` : `[Task: ${oneLine(facts.title)}](${facts.taskUrl})`;
  const body =
    delivery?.body === undefined ? `${facts.answer ?? ''}\n\n---\n${link}`.trim() : fill(delivery.body, facts);
  return { title: oneLine(fill(delivery?.title ?? '{title}', facts)) || facts.taskId, body: body.slice(0, maxBody) };
}
