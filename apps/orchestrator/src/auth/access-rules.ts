import { allows, type Access } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import type { Caller } from './caller.js';

const kindNames: Record<Caller['kind'], string> = {
  user: 'An API key or session',
  enrolment: 'An enrolment token',
  worker: 'A worker token',
  run: 'A run token',
};

/** What a route asks for, where it is no scope. */
const kindOfAccess = { enrol: 'enrolment', worker: 'worker', run: 'run' } as const;

/**
 * Lets a caller through to a route, or not. Tokens of workers and runs are useless on the routes of people, and the reverse.
 * @param runId the run in the path, if there is one.
 * @throws AppError `forbidden`, saying what is needed.
 */
export function checkAccess(access: Exclude<Access, 'public'>, caller: Caller, runId: string | undefined): void {
  if (access === 'read' || access === 'submit' || access === 'admin') {
    if (caller.kind !== 'user') throw wrongKind(caller, 'an API key');
    if (allows(caller.scope, access)) return;
    throw new AppError('forbidden', `This needs the scope \`${access}\`, and ${caller.name} has \`${caller.scope}\`.`);
  }
  if (caller.kind !== kindOfAccess[access]) throw wrongKind(caller, `the token of ${thing[access]}`);
  if (caller.kind === 'run' && caller.runId !== runId) {
    throw new AppError('forbidden', `This token belongs to ${caller.runId}, not to the run in the path.`, {
      hint: 'Use the run token that came with this run.',
    });
  }
}

const thing = { enrol: 'an enrolment', worker: 'a worker', run: 'the run' } as const;

function wrongKind(caller: Caller, needed: string): AppError {
  return new AppError('forbidden', `${kindNames[caller.kind]} does not open this route: it needs ${needed}.`, {
    hint: `Send ${needed} as \`Authorization: Bearer …\`.`,
  });
}
