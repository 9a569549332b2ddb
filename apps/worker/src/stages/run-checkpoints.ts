// The checkpoints of one run: while Claude works, and at its end.
import {
  buildCheckpoint,
  keepCheckpoint,
  maxPartBytes,
  type BuiltCheckpoint,
  type KeptCheckpoint,
} from '../checkpoint.js';
import type { WorkerContext } from '../context.js';
import type { Redactor } from '../redact.js';
import type { RunFolder } from '../run-folder.js';
import type { Tell } from '../take-workspace.js';

export class RunCheckpoints {
  private isTold = false;

  constructor(
    private readonly context: WorkerContext,
    private readonly folder: RunFolder,
    private readonly redactor: Redactor,
    private readonly tell: Tell,
  ) {}

  /** One checkpoint while the child works. */
  async keep(signal: AbortSignal): Promise<KeptCheckpoint> {
    const kept = await keepCheckpoint(this.context, this.folder, this.redactor, signal);
    await this.tellWhyNot(kept);
    return kept;
  }

  /** Where the run stands at its end, in a file that goes along with it; false when there is none. */
  async build(): Promise<boolean> {
    const built = await buildCheckpoint(this.context, this.folder, this.redactor);
    await this.tellWhyNot(built);
    return built === 'built';
  }

  private async tellWhyNot(what: KeptCheckpoint | BuiltCheckpoint): Promise<void> {
    if (this.isTold || (what !== 'too_large' && what !== 'secret')) return;
    this.isTold = true;
    const text = `${whyNot[what]}, so no checkpoints are made: elsewhere the run could only go on from the last one.`;
    await this.tell(text, 'warn').catch(() => undefined);
  }
}

const whyNot = {
  too_large: `Session or change is larger than ${maxPartBytes / 1e6} MB`,
  secret: 'The change holds a secret of this worker',
};
