import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, CONFIG, LOGGER, type Clock } from '../common/tokens.js';
import type { Logger } from '../common/logger.js';
import { Pulse } from '../common/pulse.js';
import type { Config } from '../config.js';
import { fellSilentTogether, type Silence } from './mass-silence.js';

/** Holds back the runs of workers that fell silent together: given to others at once, each would burn a retry for nothing. */
@Injectable()
export class SilenceWatch {
  /** Who is held back, and since when it is silent. A worker that came back and falls silent again is another case. */
  private held = new Map<string, number>();
  private holders = 0;

  constructor(
    @Inject(Pulse) private readonly pulse: Pulse,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.tell();
  }

  /** Takes in who is silent now, of how many workers with runs. When the others are back, the rest of a group stays held back. */
  look(silences: readonly Silence[], holders: number): void {
    const still = silences.filter(({ workerId, since }) => this.held.get(workerId) === since);
    const together = fellSilentTogether(silences, holders, this.config.leaseMs);
    if (together.length > 0) this.holders = holders;
    this.held = new Map([...still, ...together].map(({ workerId, since }) => [workerId, since]));
    this.tell();
  }

  /** How much longer a worker may be silent than it declared: once more as long, when most fell silent with it. */
  graceMs(workerId: string, since: number, lostAfterMs: number, capMs: number): number {
    return this.held.get(workerId) === since ? Math.min(lostAfterMs, capMs) : 0;
  }

  private tell(): void {
    const workers = this.held.size;
    if (workers === 0) return void this.pulse.say('workers', { ok: true, detail: 'no sudden silence of most of them' });
    const seconds = Math.round((this.clock() - Math.min(...this.held.values()) + this.config.leaseMs) / 1000);
    const detail =
      `${workers} of ${this.holders} workers with runs fell silent at once, ${seconds} s ago; ` +
      'their runs are held back for twice the usual time: look at the network of the orchestrator';
    const isNews = this.pulse.say('workers', { ok: false, detail });
    if (isNews) this.logger.error('most workers fell silent at once', { workers, of: this.holders, seconds });
  }
}
