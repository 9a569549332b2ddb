// Decides, without acting, in which order the runs in line go. Pure.

/** What the order looks at. */
export interface InLine {
  readonly id: string;
  readonly pool: string;
  readonly concurrencyKey: string | null;
  /** The place in the line. */
  readonly dispatchKey: number;
  /** The place that age and priority give it: the order among the runs of one key. */
  readonly turnKey: number;
  readonly readyAt: number;
}

/** A run, and the run whose place in the line it takes: mostly its own. */
export interface Placed<R> {
  readonly run: R;
  readonly owner: R;
}

/**
 * How long before its next run was ready a key counts as unserved, at most. So a key that comes anew goes first, but a stream of
 * new keys holds up the others for an hour and not for ever.
 */
const unservedMs = 3_600_000;

/** What is left of the line of one key. */
interface KeyLine<R> {
  readonly runs: R[];
  /** When it was served last; before all others when never. */
  servedAt: number;
}

/**
 * The first `limit` runs of one pool in the order of claims. The line goes by `dispatchKey`, so by age and priority; but which run
 * takes a place that belongs to a run with a concurrency key goes by turn: the key that was served longest ago, of those whose next
 * run has the same priority. So a thousand runs of one key hold up another key's first run by one place.
 */
export function inTurn<R extends InLine>(
  runs: readonly R[],
  servedAt: ReadonlyMap<string, number>,
  limit = runs.length,
): Placed<R>[] {
  const places = [...runs].sort(byPlace);
  const lines = keyLines(places, servedAt);
  let latest = Math.max(0, ...servedAt.values(), ...places.map(({ readyAt }) => readyAt));
  return places.slice(0, limit).map((owner) => {
    const { concurrencyKey } = owner;
    if (concurrencyKey === null) return { run: owner, owner };
    const key = whoseTurn(lines, concurrencyKey, priorityOf(owner));
    const line = lines.get(key);
    const run = line?.runs.shift() ?? owner;
    // Whoever was served goes behind everybody who waits.
    if (line !== undefined) line.servedAt = ++latest;
    if (line?.runs.length === 0) lines.delete(key);
    return { run, owner };
  });
}

/** The order of the line, before turns. */
export function byPlace(a: InLine, b: InLine): number {
  return a.dispatchKey - b.dispatchKey || (a.id < b.id ? -1 : 1);
}

function keyLines<R extends InLine>(
  places: readonly R[],
  servedAt: ReadonlyMap<string, number>,
): Map<string, KeyLine<R>> {
  const lines = new Map<string, KeyLine<R>>();
  for (const run of [...places].sort(byTurn)) {
    const { concurrencyKey: key } = run;
    if (key === null) continue;
    const line = lines.get(key) ?? { runs: [], servedAt: servedAt.get(key) ?? -Infinity };
    line.runs.push(run);
    lines.set(key, line);
  }
  return lines;
}

/** Of the keys whose next run has this priority; when there is none, the owner of the place, and when it has none left, anybody. */
function whoseTurn<R extends InLine>(lines: ReadonlyMap<string, KeyLine<R>>, owner: string, priority: number): string {
  const waiting = [...lines].flatMap(
    ([
      key,
      {
        runs: [next],
        servedAt,
      },
    ]) => (next === undefined ? [] : { key, next, turn: Math.max(servedAt, next.readyAt - unservedMs) }),
  );
  const equals = waiting.filter(({ next }) => priorityOf(next) === priority);
  if (equals.length === 0 && lines.has(owner)) return owner;
  const choice = equals.length > 0 ? equals : waiting;
  return choice.sort((a, b) => a.turn - b.turn || byTurn(a.next, b.next))[0]?.key ?? owner;
}

function byTurn(a: InLine, b: InLine): number {
  return a.turnKey - b.turnKey || (a.id < b.id ? -1 : 1);
}

/** In milliseconds of waiting. */
function priorityOf({ readyAt, turnKey }: InLine): number {
  return readyAt - turnKey;
}

/** A run in line that gets another place. */
export interface Swap {
  readonly id: string;
  readonly dispatchKey: number;
}

/**
 * What has to be mended when runs took places of others: whose place was taken gets one that became free. Otherwise the old place
 * would stay, and everybody behind it would wait for one run more each time.
 */
export function swapsAfter(taken: readonly Placed<InLine>[]): Swap[] {
  const owners = new Set(taken.map(({ owner }) => owner.id));
  const gone = new Set(taken.map(({ run }) => run.id));
  const free = taken.map(({ run }) => run).filter(({ id }) => !owners.has(id));
  const lost = taken.map(({ owner }) => owner).filter(({ id }) => !gone.has(id));
  return lost.flatMap(({ id }, index) => {
    const place = free[index];
    return place === undefined ? [] : [{ id, dispatchKey: place.dispatchKey }];
  });
}
