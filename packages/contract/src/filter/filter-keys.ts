// What tasks can be filtered by: one table for the parser, its completion, the SQL behind it and the documentation.
import { reasonRow, reasons } from '../reasons.js';
import { finalStatuses, isFinal, statuses } from '../status.js';

/**
 * How the values of a key are read. `word`: one of a list. `name`: a text as it stands, with `*` and `?`. `label`: `key` or
 * `key=value`. `count`, `money` and `duration`: a number or a range of them. `time`: a day, a moment, an age or a range of them.
 */
export type FilterKind = 'word' | 'name' | 'label' | 'count' | 'money' | 'duration' | 'time';

interface KeyRow {
  readonly kind: FilterKind;
  /** With the kind `word`: all of its values, with what each means where that is not the word itself. */
  readonly values?: Readonly<Record<string, string>>;
  readonly about: string;
  readonly example: string;
}

const named = <W extends string>(words: readonly W[], about: (word: W) => string) =>
  Object.fromEntries(words.map((word) => [word, about(word)]));

/** Reasons that are worked out when read are stored nowhere, so nothing can be found by them. */
const storedReasons = reasons.filter((reason) => reasonRow(reason).computed === undefined);

/** Without an event for so long, a running task counts as stuck. */
export const stuckAfterMs = 600_000;

const marks = {
  active: 'not finished',
  finished: 'in a final status',
  review: 'succeeded with a change',
  stuck: 'running, nothing was said for 10 minutes, and nobody is asked',
  mine: 'submitted by me',
  demo: 'asked for the scripted model',
} as const;

const key = <const R extends KeyRow>(row: R): R => row;

export const filterKeys = {
  status: key({
    kind: 'word',
    values: named(statuses, () => ''),
    about: 'the status',
    example: 'status:failed,timed_out',
  }),
  reason: key({
    kind: 'word',
    values: named(storedReasons, (reason) => reasonRow(reason).sentence),
    about: 'why it has its status',
    example: 'reason:checks_failed',
  }),
  is: key({
    kind: 'word',
    values: { ...marks, ...named(statuses, () => '') },
    about: 'what it is',
    example: 'is:review',
  }),
  has: key({
    kind: 'word',
    values: { changes: 'the last run changed files', pr: 'a pull request was opened', branch: 'a change was pushed' },
    about: 'what it has made',
    example: 'has:pr',
  }),
  needs: key({
    kind: 'word',
    values: { approval: 'a tool or plan waits for a yes', answer: 'a question or an interrupted run waits for words' },
    about: 'what it waits for a person with',
    example: 'needs:approval,answer',
  }),
  repo: key({ kind: 'name', about: 'the repository: its name, or the end of its address', example: 'repo:acme/*' }),
  branch: key({ kind: 'name', about: 'the branch it works on or was delivered to', example: 'branch:corch/*' }),
  ref: key({ kind: 'name', about: 'the branch, tag or commit it starts from', example: 'ref:main' }),
  title: key({ kind: 'name', about: 'the whole title', example: 'title:*flaky*' }),
  label: key({ kind: 'label', about: 'a label that it carries', example: 'label:team=core' }),
  pool: key({ kind: 'name', about: 'the pool', example: 'pool:gpu' }),
  worker: key({ kind: 'name', about: 'the worker of its last run', example: 'worker:mac-*' }),
  model: key({ kind: 'name', about: 'the model that was asked for', example: 'model:opus' }),
  by: key({ kind: 'name', about: 'the key or session that submitted it', example: 'by:ci' }),
  id: key({ kind: 'name', about: 'the id of the task or of its last run', example: 'id:*7k2' }),
  cost: key({ kind: 'money', about: 'est. cost of all its runs, US dollars', example: 'cost:>2' }),
  duration: key({ kind: 'duration', about: 'how long its last run has taken', example: 'duration:>10m' }),
  age: key({ kind: 'duration', about: 'time since it was submitted', example: 'age:<7d' }),
  runs: key({ kind: 'count', about: 'how many runs it had', example: 'runs:>1' }),
  diff: key({ kind: 'count', about: 'lines added and removed', example: 'diff:1..50' }),
  created: key({ kind: 'time', about: 'when it was submitted', example: 'created:2026-11-01..' }),
  ended: key({ kind: 'time', about: 'when its last run ended', example: 'ended:1d' }),
} as const satisfies Record<string, KeyRow>;

export type FilterKey = keyof typeof filterKeys;
export const filterKeyNames = Object.keys(filterKeys) as [FilterKey, ...FilterKey[]];

/** The row of a key, with the widened type that readers want. */
export function filterKeyRow(name: FilterKey): KeyRow {
  return filterKeys[name];
}

/** The statuses that a word of `is` stands for, where it stands for some. */
export function statusesOf(mark: string): readonly string[] | undefined {
  if (mark === 'finished') return finalStatuses;
  if (mark === 'active') return statuses.filter((status) => !isFinal(status));
  return statuses.some((status) => status === mark) ? [mark] : undefined;
}
