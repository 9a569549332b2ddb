// Decides, without acting: which worker may take which run. The claim and the sentence that explains a wait use the same rules.
import { commandsLabel, type Executor } from '@corch/contract';
import { outdatedText } from '../workers/outdated-text.js';
import type { StoredHold, WorkerRow } from '../workers/worker.entity.js';
import type { RunRow } from './run.entity.js';

/** What a claim looks at in a run. */
export interface Claimable {
  readonly executor: Executor;
  readonly demo: boolean;
  readonly requirements: readonly string[];
}

/** What a claim looks at in a worker. */
export type Taker = Pick<
  WorkerRow,
  | 'version'
  | 'host'
  | 'os'
  | 'arch'
  | 'labels'
  | 'allowCommands'
  | 'canDeliver'
  | 'login'
  | 'claude'
  | 'mode'
  | 'trouble'
  | 'loginHold'
>;

/** Why a worker does not take a run. */
export type Obstacle =
  | { readonly kind: 'mode'; readonly mode: 'paused' | 'draining' }
  | { readonly kind: 'trouble'; readonly trouble: string }
  | { readonly kind: 'requirements'; readonly unmet: readonly string[] }
  | { readonly kind: 'commands_off' }
  | { readonly kind: 'delivery_off' }
  | { readonly kind: 'claude'; readonly problem: string }
  | { readonly kind: 'no_login' }
  | { readonly kind: 'login_hold'; readonly hold: StoredHold };

const osNames: Record<string, string> = { darwin: 'mac', win32: 'windows' };

/** The labels that a worker was started with, and those that it carries by itself: `host=…`, `os=…`, `arch=…` and `commands`. */
export function labelsOf(worker: Pick<Taker, 'host' | 'os' | 'arch' | 'labels' | 'allowCommands'>): Set<string> {
  const os = osNames[worker.os] ?? worker.os;
  const own = [`host=${worker.host}`, `os=${os}`, `arch=${worker.arch}`];
  return new Set([...worker.labels, ...own, ...(worker.allowCommands ? [commandsLabel] : [])]);
}

/** What keeps `worker` from taking `run` at `now`, or null when it may. */
export function obstacle(worker: Taker, run: Claimable, now: number): Obstacle | null {
  if (worker.mode !== 'active') return { kind: 'mode', mode: worker.mode };
  const trouble = outdatedText(worker) ?? worker.trouble;
  if (trouble !== null) return { kind: 'trouble', trouble };
  const labels = labelsOf(worker);
  const unmet = run.requirements.filter((requirement) => !labels.has(requirement));
  if (unmet.length > 0 && unmet.every((label) => label === commandsLabel)) return { kind: 'commands_off' };
  if (unmet.length > 0) return { kind: 'requirements', unmet };
  if (run.executor === 'command') return worker.allowCommands ? null : { kind: 'commands_off' };
  if (run.executor === 'deliver') return worker.canDeliver ? null : { kind: 'delivery_off' };
  if (worker.claude.problem !== null) return { kind: 'claude', problem: worker.claude.problem };
  if (!needsLogin(worker, run)) return null;
  if (worker.login.kind === 'none') return { kind: 'no_login' };
  return isHeld(worker.loginHold, now) ? { kind: 'login_hold', hold: worker.loginHold } : null;
}

/** Whether `run` uses the login of `worker`, and is held up with it. */
export function needsLogin(worker: Pick<Taker, 'login'>, run: Claimable): boolean {
  return run.executor === 'claude' && !isDemoOn(worker, run);
}

/** Whether no run may use the login now. When its time is over one run may, as long as none does. */
export function isHeld(hold: StoredHold | null, now: number): hold is StoredHold {
  return hold !== null && (hold.until === null || hold.until > now || hold.probe !== null);
}

/** Whether `worker` will use the scripted model for `run`. */
export function isDemoOn(worker: Pick<Taker, 'login'>, run: Claimable): boolean {
  return run.demo || (run.executor === 'claude' && worker.login.kind === 'demo');
}

/** Whether a worker need not leave the run to the one that has its files. That one goes first for a moment, so nobody waits for long. */
export function mayTake(
  workerId: string,
  { preferredWorkerId, preferredUntil }: Pick<RunRow, 'preferredWorkerId' | 'preferredUntil'>,
  now: number,
): boolean {
  return preferredWorkerId === null || preferredWorkerId === workerId || (preferredUntil ?? 0) <= now;
}
