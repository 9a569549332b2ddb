// What the worker keeps of a run on disk, from the claim to the acknowledged finish:
//   claim.json       what was claimed, with the run token
//   state.json       workspace, session home, process number
//   spool.ndjson     the events; sent.json: how many of them are stored
//   stdout.log       what the child printed; stderr.log
//   patch.diff       the change
//   completion.json  how it ended, until that is acknowledged
import { ClaimedRun, FinishRun } from '@corch/contract';
import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const State = z.object({
  workspace: z
    .object({ folder: z.string(), branch: z.string().nullable(), baseCommit: z.string().nullable() })
    .nullable(),
  /** A private temporary folder outside this one: its path must be short. */
  tmpDir: z.string().nullable(),
  /** How often a child was started; more than 0 after a restart means that it was interrupted. */
  starts: z.number().int(),
  /** The child's stdout begins here in stdout.log; what is before comes from earlier children. */
  stdoutFrom: z.number().int(),
});
/** What a restarted worker has to know about a run. */
export type RunState = z.infer<typeof State>;

const freshState: RunState = { workspace: null, tmpDir: null, starts: 0, stdoutFrom: 0 };

/** How a run ended, kept until the orchestrator has it. */
export const Completion = z.object({ finish: FinishRun, hasPatch: z.boolean() });
export type Completion = z.infer<typeof Completion>;

/** The folder of one run. */
export class RunFolder {
  private constructor(
    readonly path: string,
    readonly run: ClaimedRun,
    public state: RunState,
    public completion: Completion | null,
  ) {}

  /** Makes or takes over the folder for a fresh claim. A workspace from an earlier epoch is used again. */
  static async create(runsDir: string, run: ClaimedRun): Promise<RunFolder> {
    const path = join(runsDir, run.runId);
    const earlier = await RunFolder.load(runsDir, run.runId);
    const isSame = earlier?.run.epoch === run.epoch;
    if (earlier !== null && !isSame) {
      // Numbers start anew with each epoch, and an unsent end of an earlier one no longer counts.
      for (const name of ['spool.ndjson', 'sent.json', 'completion.json', 'patch.diff', 'stdout.log', 'stderr.log']) {
        await rm(join(path, name), { force: true });
      }
      earlier.state = { ...earlier.state, starts: 0, stdoutFrom: 0 };
    }
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await writeDurably(join(path, 'claim.json'), run);
    return new RunFolder(path, run, earlier?.state ?? freshState, isSame ? (earlier?.completion ?? null) : null);
  }

  /** Reads a folder back; null when it holds no readable claim. */
  static async load(runsDir: string, runId: string): Promise<RunFolder | null> {
    const path = join(runsDir, runId);
    const run = ClaimedRun.safeParse(await readJson(join(path, 'claim.json'))).data;
    if (run === undefined || run.runId !== runId) return null;
    const state = State.safeParse(await readJson(join(path, 'state.json'))).data ?? freshState;
    const completion = Completion.safeParse(await readJson(join(path, 'completion.json'))).data ?? null;
    return new RunFolder(path, run, state, completion);
  }

  /** The run folders on disk, oldest run first. */
  static async list(runsDir: string): Promise<string[]> {
    return (await readdir(runsDir).catch(() => [])).sort();
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async saveState(change: Partial<RunState>): Promise<void> {
    this.state = { ...this.state, ...change };
    await writeDurably(this.file('state.json'), this.state);
  }

  async saveCompletion(completion: Completion): Promise<void> {
    this.completion = completion;
    await writeDurably(this.file('completion.json'), completion);
  }

  /** Removes the temporary folder; whoever goes on with the run makes another. */
  async removeTmpDir(): Promise<void> {
    const { tmpDir } = this.state;
    if (tmpDir === null) return;
    await rm(tmpDir, { recursive: true, force: true });
    await this.saveState({ tmpDir: null });
  }

  /** Removes the folder and the temporary folder; the workspace stays for people to look at. */
  async remove(): Promise<void> {
    await this.removeTmpDir();
    await rm(this.path, { recursive: true, force: true });
  }
}

/** All or nothing, also after a power cut: written beside, synced, renamed. */
export async function writeDurably(path: string, value: unknown): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
