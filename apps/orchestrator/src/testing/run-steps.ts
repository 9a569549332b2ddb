// What may happen to runs, as fast-check generates it. Numbers pick one of what there is at that moment.
import fc from 'fast-check';
import type { Outcome } from '@corch/contract';

const nth = fc.nat(1000);
/** No limit that is set is higher. */
export const mostAtOnce = 5;

/** How workers say that a run ended: every kind of what follows. */
const outcomes = [
  'succeeded',
  'cancelled',
  'agent_failed',
  'agent_killed',
  'api_unavailable',
  'run_time',
  'usage_limit',
  'credentials_refused',
] as const satisfies readonly Outcome[];

/** One thing that somebody does. `nth` picks a task, `hold` a claim that was ever answered, `worker` a worker. */
const steps = {
  submit: fc.record({
    key: fc.constantFrom(null, null, 'one', 'two'),
    retries: fc.nat(2),
    laterMs: fc.constantFrom(0, 0, 0, 30_000),
    executor: fc.constantFrom('claude' as const, 'command' as const),
  }),
  claim: fc.record({ worker: nth, free: fc.integer({ min: 1, max: 3 }) }),
  /** The answer to an earlier claim was lost. */
  claimAgain: fc.record({ nth }),
  beat: fc.record({ worker: nth }),
  /** Registers again, as a worker that was restarted does. */
  register: fc.record({ worker: nth }),
  start: fc.record({ hold: nth }),
  append: fc.record({
    hold: nth,
    back: fc.nat(2),
    ahead: fc.constantFrom(0, 0, 0, 0, 2),
    lines: fc.integer({ min: 1, max: 3 }),
  }),
  finish: fc.record({
    hold: nth,
    outcome: fc.constantFrom(...outcomes),
    isOther: fc.constantFrom(false, false, false, true),
    resetsInMs: fc.constantFrom(null, 20_000),
  }),
  handBack: fc.record({ hold: nth }),
  cancel: fc.record({ nth }),
  retry: fc.record({ nth }),
  release: fc.record({ nth, force: fc.boolean() }),
  /** Somebody sets the most runs at once of the pool, or of everything. */
  limit: fc.record({
    of: fc.constantFrom('pool' as const, 'all' as const),
    to: fc.integer({ min: 1, max: mostAtOnce }),
  }),
  edit: fc.record({ nth, priority: fc.integer({ min: -100, max: 100 }) }),
  /** Time passes, and the clocks are looked at: unacknowledged claims, leases, lost workers, pauses, limits. */
  pass: fc.record({ ms: fc.constantFrom(1000, 15_000, 35_000, 65_000, 65_000, 400_000) }),
  reap: fc.record({}),
  reconcile: fc.record({}),
  /** Somebody restarts an orchestrator: every lease gets a fresh window. */
  refresh: fc.record({}),
};

type Steps = { [K in keyof typeof steps]: (typeof steps)[K] extends fc.Arbitrary<infer V> ? { do: K } & V : never };
/** `on` picks the orchestrator that is asked. */
export type RunStep = Steps[keyof Steps] & { on: number };

const weights: Partial<Record<keyof typeof steps, number>> = {
  submit: 4,
  claim: 6,
  append: 3,
  finish: 5,
  pass: 3,
  limit: 2,
};

/** One step of any kind. */
export const runStep: fc.Arbitrary<RunStep> = fc.oneof(
  ...(Object.keys(steps) as (keyof typeof steps)[]).map((name) => ({
    weight: weights[name] ?? 1,
    arbitrary: fc
      .record({ kind: fc.constant(name), on: fc.nat(1) })
      .chain(({ kind, on }) =>
        (steps[kind] as fc.Arbitrary<object>).map((values) => ({ do: kind, on, ...values }) as RunStep),
      ),
  })),
);

/** Rounds one after the other; the steps of a round at the same time. */
export const schedule = fc.array(fc.array(runStep, { minLength: 1, maxLength: 4 }), {
  minLength: 5,
  maxLength: 40,
  size: 'max',
});
