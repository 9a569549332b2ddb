import { describe, expect, it } from '@jest/globals';
import type { Access } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { checkAccess } from './access-rules.js';
import type { Caller } from './caller.js';

const user = (scope: 'admin' | 'submit' | 'read'): Caller => ({ kind: 'user', name: 'me', scope, id: 'key_1' });
const callers: Record<string, Caller> = {
  admin: user('admin'),
  submit: user('submit'),
  read: user('read'),
  enrolment: { kind: 'enrolment', id: 'enrol_1' },
  worker: { kind: 'worker', workerId: 'worker_1' },
  run: { kind: 'run', runId: 'run_1', epoch: 1, workerId: 'worker_1' },
};

/** Who gets in; nobody else may. */
const table: Record<Exclude<Access, 'public'>, string[]> = {
  read: ['admin', 'submit', 'read'],
  submit: ['admin', 'submit'],
  admin: ['admin'],
  enrol: ['enrolment'],
  worker: ['worker'],
  run: ['run'],
};

describe('checkAccess', () => {
  const cases = Object.entries(table).flatMap(([access, allowed]) =>
    Object.keys(callers).map((who) => ({
      access: access as keyof typeof table,
      who,
      isAllowed: allowed.includes(who),
    })),
  );

  it.each(cases)('$access: $who → $isAllowed', ({ access, who, isAllowed }) => {
    const check = () => checkAccess(access, callers[who] as Caller, 'run_1');
    if (isAllowed) expect(check).not.toThrow();
    else expect(check).toThrow(AppError);
  });

  it('lets a run token in to its own run only', () => {
    expect(() => checkAccess('run', callers['run'] as Caller, 'run_2')).toThrow(/belongs to run_1/);
    expect(() => checkAccess('run', callers['run'] as Caller, undefined)).toThrow(AppError);
  });

  it('says which scope is missing', () => {
    expect(() => checkAccess('admin', user('read'), undefined)).toThrow(/needs the scope `admin`.*me has `read`/);
  });
});
