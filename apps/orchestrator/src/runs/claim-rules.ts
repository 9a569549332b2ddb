// Decides, without acting: which worker may take which run. The claim and the sentence that explains a wait use the same rules.
import type { RunSpec } from '@corch/contract';
import type { WorkerRow } from '../workers/worker.entity.js';

/** What a claim looks at in a run. */
export interface Claimable {
  readonly executor: RunSpec['executor'];
  readonly demo: boolean;
  readonly requirements: readonly string[];
}

/** What a claim looks at in a worker. */
export type Taker = Pick<WorkerRow, 'host' | 'os' | 'arch' | 'labels' | 'allowCommands' | 'login' | 'claude'>;

/** Why a worker does not take a run. */
export type Obstacle =
  | { readonly kind: 'requirements'; readonly unmet: readonly string[] }
  | { readonly kind: 'commands_off' }
  | { readonly kind: 'claude'; readonly problem: string }
  | { readonly kind: 'no_login' };

const osNames: Record<string, string> = { darwin: 'mac', win32: 'windows' };

/** The labels that a worker was started with, and those that every worker carries: `host=…`, `os=…` and `arch=…`. */
export function labelsOf(worker: Pick<Taker, 'host' | 'os' | 'arch' | 'labels'>): Set<string> {
  const os = osNames[worker.os] ?? worker.os;
  return new Set([...worker.labels, `host=${worker.host}`, `os=${os}`, `arch=${worker.arch}`]);
}

/** What keeps `worker` from taking `run`, or null when it may. */
export function obstacle(worker: Taker, run: Claimable): Obstacle | null {
  const labels = labelsOf(worker);
  const unmet = run.requirements.filter((requirement) => !labels.has(requirement));
  if (unmet.length > 0) return { kind: 'requirements', unmet };
  if (run.executor === 'command') return worker.allowCommands ? null : { kind: 'commands_off' };
  if (worker.claude.problem !== null) return { kind: 'claude', problem: worker.claude.problem };
  return run.demo || worker.login.kind !== 'none' ? null : { kind: 'no_login' };
}

/** Whether `worker` will use the scripted model for `run`. */
export function isDemoOn(worker: Pick<Taker, 'login'>, run: Claimable): boolean {
  return run.demo || (run.executor === 'claude' && worker.login.kind === 'demo');
}
