import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait-for.js';

/** The moments between two steps at which the programs can be held or ended; the orchestrator's and the worker's. */
export type RacePoint =
  | 'claim.committed'
  | 'events.stored'
  | 'finish.committed'
  | 'cancel.requested'
  | 'workspace.made'
  | 'run.spawned'
  | 'result.seen'
  | 'command.ended'
  | 'change.read'
  | 'completion.saved'
  | 'file.uploaded'
  | 'delivery.pushed'
  | 'delivery.opened';

/** Orders to programs that were started with {@link env}. Each order is for the first process that comes by. */
export class RacePoints {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** What the programs have to be started with. */
  get env(): Record<string, string> {
    return { NODE_ENV: 'test', CORCH_RACE_POINTS: this.folder };
  }

  /** Whoever reaches the point next is ended there by SIGKILL. */
  killAt(point: RacePoint): void {
    this.order(point, 'kill');
  }

  /** Whoever reaches the point next waits there until {@link release}. */
  holdAt(point: RacePoint): void {
    this.order(point, 'hold');
  }

  /** Resolves when somebody is there. */
  async reached(point: RacePoint, timeoutMs?: number): Promise<void> {
    await waitFor(`somebody to reach ${point}`, () => existsSync(this.reachedFile(point)), timeoutMs);
  }

  /** Lets go on who waits there. */
  release(point: RacePoint): void {
    rmSync(this.reachedFile(point), { force: true });
  }

  private order(point: RacePoint, what: 'kill' | 'hold'): void {
    this.release(point);
    writeFileSync(join(this.folder, point), what);
  }

  private reachedFile(point: RacePoint): string {
    return join(this.folder, `${point}.reached`);
  }
}
