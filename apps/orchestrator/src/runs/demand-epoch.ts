import type { CallerOf } from '../auth/caller.js';
import { AppError } from '../common/app-error.js';

/**
 * A token speaks for one epoch; naming another is a mistake of the worker.
 * @throws AppError `validation_failed`.
 */
export function demandEpoch(caller: CallerOf<'run'>, epoch: number, pointer: string): void {
  if (caller.epoch === epoch) return;
  const message = `is ${epoch}, but the token is of epoch ${caller.epoch}`;
  throw new AppError('validation_failed', `The epoch ${message}.`, { errors: [{ pointer, code: 'custom', message }] });
}
