// The keeper: a shell beside the worker that ends what its runs left when the worker dies without a goodbye. A worker that
// is killed cannot do so itself, and its next start may come late or never.
import { Companion } from '../claude/claude-process.js';
import { instanceMarker } from './instance.js';
import { keeperScript } from './keeper-script.js';

/** It goes at once; one that does not is ended. */
const goodbyeMs = 5000;

/** What it has to know. */
export interface KeeperTask {
  readonly instance: string;
  /** The folder of this start's cgroups, or null. */
  readonly cgroups: string | null;
  /** How `ps` shows every process with its environment, where there is no /proc. */
  readonly psArguments: readonly string[];
}

export class Keeper {
  private constructor(private readonly companion: Companion) {}

  /** In no folder of the worker, with nothing of its environment, and without its output: it holds nothing of the worker. */
  static async start(task: KeeperTask): Promise<Keeper> {
    const args = [
      '-c',
      keeperScript,
      'corch-keeper',
      instanceMarker,
      task.instance,
      task.cgroups ?? '',
      ...task.psArguments,
    ];
    const companion = await Companion.start({ path: '/bin/sh', args, cwd: '/', env: { PATH: '/usr/bin:/bin' } });
    companion.release();
    return new Keeper(companion);
  }

  get isRunning(): boolean {
    return this.companion.isRunning;
  }

  /** Nothing is left for it to do; it goes. */
  async sayGoodbye(): Promise<void> {
    const timer = setTimeout(() => this.companion.kill(), goodbyeMs);
    this.companion.endInput('bye');
    await this.companion.exited;
    clearTimeout(timer);
  }
}
