import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RunSizesRepository, type EndPlace, type KeptRun, type StoredTotal } from './run-sizes.repository.js';

/** A run is weighed so long after its end, when every transaction of it is over and its transcript is packed. */
const graceMs = 120_000;
/** Behind every id of a run. */
const lastId = 'run_~';
/** Runs per transaction. */
const batch = 200;

/** What runs that have ended take. */
@Injectable()
export class RunWeights {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunSizesRepository) private readonly sizes: RunSizesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Weighs runs that were not weighed yet, as long as `goesOn`; the next call goes on. */
  async weigh(goesOn: () => boolean): Promise<void> {
    const until = this.clock() - graceMs;
    let after: EndPlace = { endedAt: await this.sizes.weighedUntil(this.database.read), runId: lastId };
    while (goesOn()) {
      const runs = await this.sizes.ended(this.database.read, after, until, batch);
      const last = runs.at(-1);
      if (last === undefined) return;
      const ids = runs.map(({ runId }) => runId);
      const isAll = runs.length < batch;
      // On the next page may be others that ended in one moment with the last one.
      const done = isAll ? last.endedAt : last.endedAt - 1;
      await this.database.write((manager) => this.sizes.weigh(manager, ids, done));
      if (isAll) return;
      after = last;
    }
  }

  total(): Promise<StoredTotal> {
    return this.sizes.total(this.database.read);
  }

  /** The next runs behind a place that have anything stored and ended before a moment, those that ended first first. */
  kept(after: EndPlace, before: number, limit: number): Promise<KeptRun[]> {
    return this.sizes.kept(this.database.read, after, before, limit);
  }

  ofTask(taskId: string): Promise<KeptRun[]> {
    return this.sizes.ofTask(this.database.read, taskId);
  }
}
