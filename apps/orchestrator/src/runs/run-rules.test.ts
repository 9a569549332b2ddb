import { describe, expect, it } from '@jest/globals';
import { finalStatuses, GitRef, isFinal, outcomes, outcomeTable, statuses, type Backoff } from '@corch/contract';
import fc from 'fast-check';
import {
  afterExit,
  backoffMs,
  branchFrom,
  branchName,
  dispatchKey,
  isLegal,
  lostAt,
  moves,
  settle,
  type Move,
} from './run-rules.js';

/** Every legal move, written out by hand; all others are illegal. */
const legal = `
  promote  scheduled queued
  claim    queued    running
  handBack running   queued
  release  running   queued
  park     running   waiting
  resume   waiting   queued
  finish   running   succeeded
  finish   running   failed
  finish   running   cancelled
  finish   running   timed_out
  lose     running   failed
  cancel   scheduled cancelled
  cancel   blocked   cancelled
  cancel   queued    cancelled
  cancel   waiting   cancelled
  abandon  running   cancelled
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/).join(' '));

describe('moves', () => {
  const all = (Object.keys(moves) as Move[]).flatMap((move) =>
    statuses.flatMap((from) => statuses.map((to) => ({ move, from, to, key: `${move} ${from} ${to}` }))),
  );

  it.each(all)('$move from $from to $to', ({ move, from, to, key }) => {
    expect(isLegal(move, from, to)).toBe(legal.includes(key));
  });

  it('lead out of no final status', () => {
    expect(Object.values(moves).flatMap(({ from }) => from.filter(isFinal))).toEqual([]);
  });

  it('fence the holder off whenever the run is taken from it', () => {
    expect(
      Object.entries(moves)
        .filter(([, row]) => row.newEpoch)
        .map(([name]) => name),
    ).toEqual(['claim', 'release', 'lose', 'abandon']);
  });
});

describe('settle', () => {
  it.each(outcomes.filter((outcome) => outcome !== 'cancelled'))('takes %s from the table', (outcome) => {
    const { status, reason, retry } = outcomeTable[outcome];
    expect(settle({ outcome }, false, 'claude')).toEqual({ status, reason, retry, outcome });
  });

  it('lets a success stand when cancel was asked for', () => {
    expect(settle({ outcome: 'succeeded' }, true, 'claude').status).toBe('succeeded');
  });

  it.each(outcomes.filter((outcome) => outcome !== 'succeeded'))(
    'turns %s into a cancel that was asked for',
    (outcome) => {
      expect(settle({ outcome }, true, 'claude')).toEqual({
        status: 'cancelled',
        reason: 'user',
        retry: 'never',
        outcome: 'cancelled',
      });
    },
  );

  it('takes a cancel that nobody asked for as a child ended from outside', () => {
    expect(settle({ outcome: 'cancelled' }, false, 'claude')).toMatchObject({
      status: 'failed',
      outcome: 'agent_killed',
    });
    expect(settle({ outcome: 'cancelled' }, false, 'command')).toMatchObject({ outcome: 'command_killed' });
  });
});

const exponential: Backoff = { type: 'exponential', delayMs: 1000, maxMs: 5000 };
const fixed: Backoff = { type: 'fixed', delayMs: 1000, maxMs: 5000 };
/** No jitter. */
const middle = 0.5;

describe('afterExit', () => {
  const policy = { retries: 1, infraRetries: 3, backoff: fixed };
  const none = { infraFailures: 0, ownFailures: 0, workerLosses: 0 };

  it('opens no further run after what would fail again', () => {
    expect(afterExit('never', none, policy, middle)).toBeNull();
    expect(afterExit('park', none, policy, middle)).toBeNull();
  });

  it('counts own failures against the retries of the task', () => {
    expect(afterExit('attempt', none, policy, middle)).toEqual({ ...none, ownFailures: 1, delayMs: 1000 });
    expect(afterExit('attempt', { infraFailures: 0, ownFailures: 1, workerLosses: 0 }, policy, middle)).toBeNull();
    expect(afterExit('attempt', none, { ...policy, retries: 0 }, middle)).toBeNull();
  });

  it('counts failures that are nobody’s fault apart', () => {
    const noRetries = { ...policy, retries: 0 };
    expect(afterExit('infra', { infraFailures: 2, ownFailures: 0, workerLosses: 0 }, noRetries, middle)).toMatchObject({
      infraFailures: 3,
    });
    expect(afterExit('infra', { infraFailures: 3, ownFailures: 0, workerLosses: 0 }, noRetries, middle)).toBeNull();
  });

  it('gives a run whose worker was lost one more, soon, and no third', () => {
    const slow = { ...policy, backoff: { ...fixed, delayMs: 5000 } };
    expect(afterExit('lost', none, slow, middle)).toEqual({ ...none, workerLosses: 1, delayMs: 2000 });
    expect(afterExit('lost', { ...none, workerLosses: 1 }, slow, middle)).toBeNull();
    expect(afterExit('infra', { ...none, workerLosses: 1 }, slow, middle)).toMatchObject({ workerLosses: 1 });
  });

  it('ends after at most retries + infraRetries further runs', () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.nat(5),
        fc.array(fc.constantFrom('infra' as const, 'attempt' as const), { minLength: 20, maxLength: 20 }),
        (retries, infraRetries, ends) => {
          let before = none;
          let further = 0;
          for (const retry of ends) {
            const next = afterExit(retry, before, { retries, infraRetries, backoff: fixed }, middle);
            if (next === null) break;
            before = next;
            further++;
          }
          expect(further).toBeLessThanOrEqual(retries + infraRetries);
        },
      ),
    );
  });
});

describe('backoffMs', () => {
  it('doubles up to the cap', () => {
    expect([1, 2, 3, 4, 5].map((failures) => backoffMs(exponential, failures, middle))).toEqual([
      1000, 2000, 4000, 5000, 5000,
    ]);
    expect([1, 2, 3].map((failures) => backoffMs(fixed, failures, middle))).toEqual([1000, 1000, 1000]);
  });

  it('stays within 20 % of its base and never goes over the cap', () => {
    fc.assert(
      fc.property(
        fc.record({
          type: fc.constantFrom('fixed' as const, 'exponential' as const),
          delayMs: fc.nat(86_400_000),
          maxMs: fc.nat(86_400_000),
        }),
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (backoff, failures, random) => {
          const ms = backoffMs(backoff, failures, random);
          expect(Number.isSafeInteger(ms)).toBe(true);
          expect(ms).toBeLessThanOrEqual(backoff.maxMs);
          expect(ms).toBeGreaterThanOrEqual(Math.floor(Math.min(backoff.delayMs, backoff.maxMs) * 0.8));
        },
      ),
    );
  });
});

describe('dispatchKey', () => {
  it('lets one point of priority weigh one second of waiting', () => {
    expect(dispatchKey(10_000, 0)).toBe(10_000);
    expect(dispatchKey(10_000, 3)).toBe(dispatchKey(7_000, 0));
    expect(dispatchKey(10_000, -3)).toBe(13_000);
  });
});

describe('branchFrom', () => {
  const id = 'task_01k00000000000000000abcdef';
  it.each([
    ['bot/{title}/{task}', 1, 'bot/fix-it/abcdef'],
    ['bot/{task}', 2, 'bot/abcdef-r2'],
    ['{task}/{run}-{title}', 2, 'abcdef/2-fix-it'],
  ])('%s of run %i is %s', (template, attempt, branch) => {
    expect(branchFrom(template, id, 'Fix it!', attempt)).toBe(branch);
  });
});

describe('branchName', () => {
  const id = 'task_01k9xyzabcdefghjkm7k2m9q';

  it.each([
    ['Fix the parser', 1, 'corch/7k2m9q-fix-the-parser'],
    ['Fix the parser', 2, 'corch/7k2m9q-fix-the-parser-r2'],
    ['Größe: 10 % über “Limit”', 1, 'corch/7k2m9q-gro-e-10-uber-limit'],
    ['修复', 1, 'corch/7k2m9q-task'],
    ['a'.repeat(80), 1, `corch/7k2m9q-${'a'.repeat(40)}`],
  ])('%s, attempt %i', (title, attempt, branch) => {
    expect(branchName(id, title, attempt)).toBe(branch);
  });

  it('is a valid branch name whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 99 }), (title, attempt) => {
        expect(GitRef.safeParse(branchName(id, title, attempt)).success).toBe(true);
      }),
    );
  });
});

describe('lostAt', () => {
  it('counts from the last sign of life, capped, and never before the lease has expired', () => {
    expect(lostAt(60_000, 60_000, 120_000, 900_000)).toBe(120_000);
    expect(lostAt(60_000, 60_000, 5_000_000, 900_000)).toBe(900_000);
    expect(lostAt(60_000, 60_000, 1_000, 900_000)).toBe(60_000);
  });
});

it('every final status is some outcome’s', () => {
  expect(new Set(outcomes.map((outcome) => outcomeTable[outcome].status))).toEqual(
    new Set([...finalStatuses, 'waiting']),
  );
});
