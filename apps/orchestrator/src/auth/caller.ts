import type { Scope } from '@corch/contract';

/**
 * Who sent a request.
 * `user`: an API key or a browser session; `id` is the key's or session's id, `name` what people know it by.
 * `enrolment`: somebody who may enrol one worker. `worker`: an enrolled worker. `run`: the worker that was handed this run under
 * this epoch (which may be a stale one: the service decides, so that it can say so).
 */
export type Caller =
  | { readonly kind: 'user'; readonly name: string; readonly scope: Scope; readonly id: string }
  | { readonly kind: 'enrolment'; readonly id: string }
  | { readonly kind: 'worker'; readonly workerId: string }
  | { readonly kind: 'run'; readonly runId: string; readonly epoch: number; readonly workerId: string };

export type CallerOf<K extends Caller['kind']> = Extract<Caller, { kind: K }>;

/** The name that is kept with a task or an action: the key's or session's, else what kind of caller it was. */
export function callerName(caller: Caller): string {
  return caller.kind === 'user' ? caller.name : caller.kind;
}
