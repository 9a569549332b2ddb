// Decides, without acting: what a filter asks for, as conditions of SQL over the tasks `t`.
import {
  isRepositoryUrl,
  parseFilter,
  repositoryName,
  RunId,
  statusesOf,
  stuckAfterMs,
  TaskId,
  type Bound,
  type FilterCondition,
  type FilterKey,
  type FilterTerm,
  type NamePattern,
  type Range,
  type TaskFilter,
} from '@corch/contract';
import { containsText, type DatabaseKind } from '../database/columns.js';

/** What else a condition is about. `r`: the current run. `s`: the text. */
export type FilterJoin = 'r' | 's';

export interface FilterSql {
  readonly joins: ReadonlySet<FilterJoin>;
  /** All must hold. `texts` are not among them. */
  readonly where: readonly string[];
  readonly parameters: Record<string, unknown>;
  /** In lower case; all must be in the text of the task. An index may find them. */
  readonly texts: readonly string[];
  /**
   * No index that is in the order of a list holds what it asks for: it is cheaper to look for all that fit, once, than for a page and
   * for their number.
   */
  readonly isScattered: boolean;
  /** Parts of the JSON of the labels that an index may look for first; the conditions ask for them exactly. */
  readonly labels: readonly string[];
}

export interface FilterSurroundings {
  readonly kind: DatabaseKind;
  readonly now: number;
  /** Who `is:mine` means. */
  readonly caller: string;
}

/**
 * Conditions for a filter and the older parameters beside it, and for further filters that must hold, too.
 * @throws TypeError for a filter that is not valid: to leave out a part would find more than was asked for.
 */
export function filterSql(
  filter: TaskFilter,
  surroundings: FilterSurroundings,
  also: readonly string[] = [],
): FilterSql {
  const terms = [filter.filter ?? '', ...also].flatMap((text) => {
    const parsed = parseFilter(text);
    if (parsed.errors.length > 0) throw new TypeError('a filter that is not valid was let through');
    return parsed.terms;
  });
  return new FilterWriter(surroundings).write([...olderTerms(filter), ...terms]);
}

/** `isExact`: a label is the whole one, also when it has no value. */
type Term = Pick<FilterTerm, 'isNegated' | 'condition'> & { readonly isExact?: true };

/** The parameters that were there before the filter, in its terms. */
function olderTerms({ status, pool, label = [], q, createdAfter, createdBefore }: TaskFilter): Term[] {
  const created = (range: Range): FilterCondition => ({ kind: 'range', key: 'created', values: [range] });
  const bound = (time: string): Bound => ({ value: Date.parse(time), isInclusive: false });
  const literal = (text: string): NamePattern => ({ text, isLiteral: true });
  const conditions: (FilterCondition | undefined)[] = [
    status && { kind: 'word', key: 'status', values: status },
    pool && { kind: 'name', key: 'pool', values: pool.map(literal) },
    createdAfter === undefined ? undefined : created({ min: bound(createdAfter) }),
    createdBefore === undefined ? undefined : created({ max: bound(createdBefore) }),
    ...label.map((one): FilterCondition => ({ kind: 'label', key: 'label', values: [one] })),
    q === undefined ? undefined : { kind: 'text', text: q },
  ];
  return conditions.flatMap((condition) =>
    condition === undefined ? [] : [{ isNegated: false, condition, isExact: true as const }],
  );
}

const changed = 't.changed_files > 0';
const atWork = `t.status IN ('running', 'waiting')`;
const asked = (kinds: string) =>
  `t.id IN (SELECT a.task_id FROM approvals a WHERE a.status = 'open' AND a.kind IN (${kinds}))`;
/** Where the text of a key stands, without those that need a way of their own. */
const nameColumns: Partial<Record<FilterKey, readonly string[]>> = {
  repo: ['t.repo', 't.repository_name'],
  branch: ['r.branch', 't.delivery_branch'],
  ref: ['t.ref'],
  title: ['t.title'],
  pool: ['t.pool'],
  worker: ['r.worker_name'],
  model: ['t.model'],
  by: ['t.submitted_by'],
  id: ['t.id', 't.current_run_id'],
};

/** These have indexes, in the case that is said. */
const indexedNames: Partial<Record<FilterKey, 'lower' | 'as it is'>> = {
  repo: 'lower',
  pool: 'as it is',
  id: 'as it is',
};

/** Of these there is an index in the order of time, or most tasks fit. */
const inOrder: ReadonlySet<string> = new Set(['status', 'is', 'pool', 'created', 'age']);
/** Words of `is` that no index knows. */
const unindexedMarks: ReadonlySet<string> = new Set(['mine', 'demo']);

function isInOrder(condition: FilterCondition): boolean {
  if (condition.kind === 'text' || !inOrder.has(condition.key)) return false;
  return !(condition.kind === 'word' && condition.values.some((value) => unindexedMarks.has(value)));
}

class FilterWriter {
  private readonly joins = new Set<FilterJoin>();
  private readonly parameters: Record<string, unknown> = {};
  private count = 0;

  constructor(private readonly surroundings: FilterSurroundings) {}

  write(terms: readonly Term[]): FilterSql {
    const texts: string[] = [];
    const labels: string[] = [];
    const where: string[] = [];
    for (const { isNegated, condition, isExact } of terms) {
      const place = condition.kind === 'text' ? this.place(condition.text) : null;
      if (condition.kind === 'text' && place === null && !isNegated) {
        texts.push(condition.text.toLowerCase());
        continue;
      }
      if (condition.kind === 'label' && !isNegated) labels.push(...onlyOne(condition.values));
      const sql = place ?? this.condition(condition, isExact === true);
      where.push(isNegated ? `NOT COALESCE((${sql}), FALSE)` : `(${sql})`);
    }
    const isScattered = terms.some(({ condition, isNegated }) => isNegated || !isInOrder(condition));
    return { joins: this.joins, where, parameters: this.parameters, texts, labels, isScattered };
  }

  private condition(condition: FilterCondition, isExact: boolean): string {
    switch (condition.kind) {
      case 'text':
        this.joins.add('s');
        return this.contains('s.search', condition.text.toLowerCase());
      case 'word':
        return this.word(condition.key, condition.values);
      case 'name':
        return this.name(condition.key, condition.values);
      case 'label':
        return any(
          condition.values.flatMap((label) =>
            labelParts(label, isExact).map((part) => this.contains('t.labels', part)),
          ),
        );
      case 'range':
        return any(condition.values.map((range) => this.range(condition.key, range)));
    }
  }

  /** What is pasted to find one task: its id, that of its run, or the address of its pull request. Null for any other text. */
  private place(text: string): string | null {
    if (TaskId.safeParse(text).success) return `t.id = ${this.value(text)}`;
    if (RunId.safeParse(text).success) return `t.id = (SELECT c.task_id FROM runs c WHERE c.id = ${this.value(text)})`;
    if (!/^https?:\/\/\S+\/pull\/\d+$/.test(text)) return null;
    return this.contains('t.delivered', `"url":${JSON.stringify(text)}`);
  }

  private word(key: FilterKey, values: readonly string[]): string {
    switch (key) {
      case 'status':
        return `t.status IN (${this.list(values)})`;
      case 'reason':
        return `t.reason IN (${this.list(values)})`;
      case 'is':
        return any(values.map((value) => this.mark(value)));
      default:
        return any(values.map((value) => this.having(value)));
    }
  }

  private mark(mark: string): string {
    const statuses = statusesOf(mark);
    if (statuses !== undefined) return `t.status IN (${this.list(statuses)})`;
    switch (mark) {
      case 'review':
        // In the words of its index.
        return `t.status = 'succeeded' AND ${changed}`;
      case 'stuck': {
        this.joins.add('r');
        const since = this.value(this.surroundings.now - stuckAfterMs);
        return `t.status = 'running' AND r.asked_since IS NULL AND COALESCE(r.last_event_at, r.started_at) < ${since}`;
      }
      case 'mine':
        return `t.submitted_by = ${this.value(this.surroundings.caller)}`;
      default:
        return `t.demo = TRUE`;
    }
  }

  private having(what: string): string {
    switch (what) {
      case 'changes':
        return changed;
      case 'pr':
        return this.contains('t.delivered', '"pullRequest":{');
      case 'branch':
        return 't.delivered IS NOT NULL';
      case 'approval':
        return `${atWork} AND ${asked(`'permission', 'plan'`)}`;
      default:
        return `${atWork} AND (${asked(`'question'`)} OR t.status = 'waiting' AND t.reason = 'input')`;
    }
  }

  private name(key: FilterKey, patterns: readonly NamePattern[]): string {
    const columns = nameColumns[key] ?? [];
    if (columns.some((column) => column.startsWith('r.'))) this.joins.add('r');
    const wanted = key === 'repo' ? patterns.map(shortRepository) : patterns;
    const asIndexed = indexedNames[key];
    const exact = wanted.filter((pattern) => !isPattern(pattern)).map(({ text }) => text);
    const list = asIndexed === undefined || exact.length === 0 ? null : exact.map((text) => this.value(text));
    const likes = wanted
      .filter((pattern) => list === null || isPattern(pattern))
      .map((pattern) => this.value(likePattern(pattern)));
    const like = this.surroundings.kind === 'postgres' ? 'ILIKE' : 'LIKE';
    return any(
      columns.flatMap((column) => [
        ...(list === null ? [] : [asIndexed === 'lower' ? inLower(column, list) : `${column} IN (${list.join(', ')})`]),
        ...likes.map((pattern) => `${column} ${like} ${pattern} ESCAPE '\\'`),
      ]),
    );
  }

  private range(key: FilterKey, { min, max }: Range): string {
    const { now } = this.surroundings;
    switch (key) {
      case 'cost':
        return this.between('t.cost_micros', scaled(min, 1_000_000), scaled(max, 1_000_000));
      case 'duration':
        return this.between(`COALESCE(t.ended_at, ${this.value(now)}) - t.started_at`, min, max);
      case 'age':
        // An older task was submitted earlier, and by time there is an index.
        return this.between('t.created_at', before(now, max), before(now, min));
      case 'runs':
        return this.between('t.run_count', min, max);
      case 'diff':
        return this.between('t.changed_lines', min, max);
      case 'ended':
        return this.between('t.ended_at', moment(now, min), moment(now, max));
      default:
        return this.between('t.created_at', moment(now, min), moment(now, max));
    }
  }

  private between(column: string, min: Bound | undefined, max: Bound | undefined): string {
    const parts = [
      ...(min === undefined ? [] : [`${column} ${min.isInclusive ? '>=' : '>'} ${this.value(min.value)}`]),
      ...(max === undefined ? [] : [`${column} ${max.isInclusive ? '<=' : '<'} ${this.value(max.value)}`]),
    ];
    return parts.join(' AND ');
  }

  private contains(column: string, text: string): string {
    return containsText(this.surroundings.kind, column, this.value(text).slice(1));
  }

  /** Where a value stands in a statement. */
  private value(value: unknown): string {
    const name = `filter${this.count++}`;
    this.parameters[name] = value;
    return `:${name}`;
  }

  private list(values: readonly string[]): string {
    return values.map((value) => this.value(value)).join(', ');
  }
}

/** In the words of the indexes, which hold what is not null. Each engine has lower letters of its own, so it makes both sides. */
const inLower = (column: string, list: readonly string[]) =>
  `${column} IS NOT NULL AND lower(${column}) IN (${list.map((value) => `lower(${value})`).join(', ')})`;

const any = (conditions: readonly string[]) => conditions.map((condition) => `(${condition})`).join(' OR ');

/** Labels are stored as JSON and hold no character that JSON escapes. A key alone stands for all of its values. */
function labelParts(label: string, isExact: boolean): string[] {
  return isExact || label.includes('=') ? [JSON.stringify(label)] : [`"${label}"`, `"${label}=`];
}

/** Of several alternatives no single part must be there. */
function onlyOne([label, ...others]: readonly string[]): string[] {
  if (label === undefined || others.length > 0) return [];
  return [label.includes('=') ? JSON.stringify(label) : `"${label}`];
}

/** An address stands for the repository that it leads to. */
function shortRepository(pattern: NamePattern): NamePattern {
  return isRepositoryUrl(pattern.text) ? { ...pattern, text: repositoryName({ url: pattern.text }) } : pattern;
}

const isPattern = ({ text, isLiteral }: NamePattern) => !isLiteral && /[*?]/.test(text);

function likePattern({ text, isLiteral }: NamePattern): string {
  const escaped = text.replaceAll(/[\\%_]/g, '\\$&');
  return isLiteral ? escaped : escaped.replaceAll('*', '%').replaceAll('?', '_');
}

const scaled = (bound: Bound | undefined, factor: number) =>
  bound && { ...bound, value: Math.round(bound.value * factor) };
const before = (now: number, age: Bound | undefined) => age && { ...age, value: now - age.value };
const moment = (now: number, bound: Bound | undefined) => (bound?.isAge ? before(now, bound) : bound);
