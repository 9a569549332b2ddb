import type { Run } from '@corch/contract';
import { describe, expect, it } from '@jest/globals';
import { makeRun, makeTask } from '../testing/make.js';
import {
  applyLine,
  backoffWords,
  budgetUse,
  costWords,
  deliveryOffer,
  deliveryWords,
  paidWords,
  repositoryWords,
} from './task-words.js';

describe('costWords', () => {
  it('always says that an estimate is one', () => {
    expect(costWords({ amount: '0.3812', basis: 'estimate' })).toBe('est. $0.38');
    expect(costWords({ amount: '0.004', basis: 'estimate' })).toBe('est. <$0.01');
    expect(costWords({ amount: '0', basis: 'estimate' })).toBe('est. $0.00');
    expect(costWords({ amount: '12', basis: 'invoice' })).toBe('$12.00');
  });
});

describe('budgetUse', () => {
  it('says when a run comes near its budget, and when it is over it', () => {
    expect(budgetUse({ amount: '0.5' }, 2)).toEqual({ share: 0.25, tone: 'calm', words: '25 % of its budget' });
    expect(budgetUse({ amount: '1.7' }, 2)).toMatchObject({ tone: 'near', words: '85 % of its budget' });
    expect(budgetUse({ amount: '2' }, 2)).toMatchObject({ tone: 'spent', words: '100 % of its budget' });
    expect(budgetUse({ amount: '2.1' }, 2)).toMatchObject({ tone: 'spent', words: 'over its budget' });
  });
});

describe('paidWords', () => {
  it('says that nobody pays for the scripted model', () => {
    const cost = { amount: '0.19', currency: 'USD', basis: 'estimate' } as const;
    expect(paidWords({ cost, demo: true })).toBe('est. $0.19, not charged');
    expect(paidWords({ cost, demo: false })).toBe('est. $0.19');
  });
});

describe('applyLine', () => {
  it('names the run when it is not the current one', () => {
    const task = makeTask(1, makeRun(1, { attempt: 2 }));
    expect(applyLine(task, task.currentRun)).toBe(`corch diff ${task.id} | git apply`);
    expect(applyLine(task, makeRun(2, { attempt: 1 }))).toBe(`corch diff ${task.id} --run 1 | git apply`);
  });
});

describe('backoffWords', () => {
  it('says how the pause grows', () => {
    expect(backoffWords({ type: 'exponential', delayMs: 10_000, maxMs: 300_000 })).toBe('10 s, doubled up to 5 min');
    expect(backoffWords({ type: 'fixed', delayMs: 500, maxMs: 500 })).toBe('0.5 s');
  });
});

describe('repositoryWords', () => {
  it('is short and tells repositories apart', () => {
    expect(repositoryWords({ url: 'https://git.example.org/acme/api.git' })).toBe('acme/api');
    expect(repositoryWords({ url: 'git@git.example.org:acme/tools/api.git' })).toBe('tools/api');
    expect(repositoryWords({ path: '/srv/repos/site/' })).toBe('site');
    expect(repositoryWords({ path: 'C:\\src\\site' })).toBe('site');
    expect(repositoryWords({ path: '/' })).toBe('/');
  });
});

describe('deliveryWords', () => {
  const run = (status: Run['status'], executor: Run['executor'] = 'deliver') => ({ status, executor });
  const at = (pullRequest: { number: number; url: string } | null) => ({
    delivered: { branch: 'corch/x', commit: 'c'.repeat(40), pullRequest },
  });

  it('leads to the pull request, and only by http', () => {
    const url = 'https://git.test/acme/app/pull/7';
    expect(deliveryWords(at({ number: 7, url }), run('succeeded'))).toEqual({ text: 'pull request #7', url });
    const script = at({ number: 7, url: 'javascript:alert(1)' });
    expect(deliveryWords(script, run('succeeded'))).toEqual({ text: 'pull request #7', url: null });
  });

  it('says what else is known', () => {
    expect(deliveryWords(at(null), run('failed'))).toEqual({ text: 'pushed to corch/x', url: null });
    expect(deliveryWords(at(null), run('queued'))).toEqual({ text: 'on its way', url: null });
    expect(deliveryWords({ delivered: null }, run('running', 'claude'))).toBeNull();
  });
});

describe('deliveryOffer', () => {
  const repository = { url: 'https://git.test/acme/app.git' };
  const stat = { files: 1, additions: 1, deletions: 0 };
  const done = { status: 'succeeded', executor: 'claude' } as const;
  const task = { status: 'succeeded', stat, repository, delivered: null } as const;
  const delivered = { branch: 'corch/x', commit: 'c'.repeat(40), pullRequest: null };

  it('is a pull request where there can be one, else a branch, once', () => {
    expect(deliveryOffer(task, done)).toBe('pull request');
    expect(deliveryOffer({ ...task, delivered }, done)).toBe('pull request');
    const pullRequest = { number: 7, url: 'https://git.test/acme/app/pull/7' };
    expect(deliveryOffer({ ...task, delivered: { ...delivered, pullRequest } }, done)).toBeNull();
    expect(deliveryOffer({ ...task, repository: { path: '/srv/app' } }, done)).toBe('branch');
    expect(deliveryOffer({ ...task, repository: { path: '/srv/app' }, delivered }, done)).toBeNull();
  });

  it('is to try again what failed, and nothing where nothing can be delivered', () => {
    expect(deliveryOffer({ ...task, status: 'failed', stat: null }, { status: 'failed', executor: 'deliver' })).toBe(
      'again',
    );
    expect(deliveryOffer({ ...task, status: 'running' }, { ...done, status: 'running' })).toBeNull();
    expect(deliveryOffer({ ...task, stat: { ...stat, files: 0 } }, done)).toBeNull();
    expect(deliveryOffer({ ...task, repository: undefined }, done)).toBeNull();
  });
});
