// What the worker keeps of a run on disk, from the claim to the acknowledged finish:
//   claim.json       what was claimed, with the run token
//   state.json       workspace, session home, process number
//   spool.ndjson     the events; sent.json: how many of them are stored
//   stdout.log       what the child printed; stderr.log
//   inbox.json       what was said to the run, and what of it was taken care of
//   patch.diff       the change; change.bundle: its commit; change.files.json: its files; artifact/: files that are kept
//   checkpoint.json.gz  where it stood at its end, for others to go on with; checkpoint.json: what of that the orchestrator has
//   followed.bundle  the public commit that the change goes on top of; starts-from.bundle: a change that it starts from, while it is read
//   completion.json  how it ended, until that is acknowledged
import {
  bundleName,
  checkpointName,
  ClaimedRun,
  filesName,
  FinishRun,
  mailName,
  Outcome,
  ReportStart,
  type ResumePoint,
} from '@corch/contract';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { artifactFolder, RunStage } from './stages/run-stage.js';

/** How a command ended, kept from that moment on: what comes after it may be cut off, and it must not be run again for that. */
const CommandEnd = z.object({
  outcome: Outcome,
  message: z.string().nullable(),
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
});
export type CommandEnd = z.infer<typeof CommandEnd>;

const State = z.object({
  workspace: z
    .object({
      folder: z.string(),
      branch: z.string().nullable(),
      baseCommit: z.string().nullable(),
      /** Null also in folders of older programs, whose workspaces have all objects themselves. */
      mirror: z.string().nullable().default(null),
      submodules: z
        .array(z.object({ path: z.string(), commit: z.string() }))
        .readonly()
        .default([]),
    })
    .nullable(),
  /** A private temporary folder outside this one: its path must be short. */
  tmpDir: z.string().nullable(),
  /** How often a child was started; more than 0 after a restart means that it was interrupted. */
  starts: z.number().int(),
  /** The child's stdout begins here in stdout.log; what is before comes from earlier children. */
  stdoutFrom: z.number().int(),
  /** The run has ended; its workspace is kept for a run that goes on with it, as long as nobody needs the room. */
  ended: z.boolean().default(false),
  /** The run is parked or was handed back: the worker does not hold it, but can go on with it should it come back. */
  resting: z.boolean().default(false),
  /** A child is at work; still set at the start, the worker has died over it. */
  running: z.boolean().default(false),
  /** How often the worker has died over it, since it last worked for a while. */
  crashes: z.number().int().default(0),
  commandEnd: CommandEnd.nullable().default(null),
  /** Null until the workspace is ready and it is known what is to be done in it. */
  stage: RunStage.nullable().default(null),
  /** Up to where stdout.log and stderr.log were emptied, since they had grown too large. */
  emptied: z.object({ stdout: z.number().int(), stderr: z.number().int() }).default({ stdout: 0, stderr: 0 }),
});
/** What a restarted worker has to know about a run. */
export type RunState = z.infer<typeof State>;

const epochFiles = [
  ...['spool.ndjson', 'sent.json', 'completion.json', 'patch.diff', 'stdout.log', 'stderr.log'],
  'followed.bundle',
  ...[bundleName, checkpointName, filesName, mailName, artifactFolder],
];

const freshState: RunState = {
  workspace: null,
  tmpDir: null,
  starts: 0,
  stdoutFrom: 0,
  ended: false,
  resting: false,
  running: false,
  crashes: 0,
  commandEnd: null,
  stage: null,
  emptied: { stdout: 0, stderr: 0 },
};

/** How a run ended, kept until the orchestrator has it. */
export const Completion = z.object({
  /** What the orchestrator has to know first, when it could not be told while the run worked. */
  start: ReportStart.omit({ epoch: true }).nullable().default(null),
  finish: FinishRun,
  /** Files of the folder that are kept with the run, under the same names. */
  files: z.array(z.string()),
});
export type Completion = z.infer<typeof Completion>;

/** The folder of one run. */
export class RunFolder {
  private saving: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly run: ClaimedRun,
    public state: RunState,
    public completion: Completion | null,
    /** The epoch whose files this one goes on with; null when it has to make its own, or has made them. */
    readonly goesOnFrom: number | null = null,
  ) {}

  /**
   * Makes or takes over the folder for a claim. Workspace and session of an earlier epoch are used again when nobody has worked on
   * the run since.
   */
  static async create(runsDir: string, run: ClaimedRun): Promise<RunFolder> {
    const path = join(runsDir, run.runId);
    const earlier = await RunFolder.load(runsDir, run.runId);
    const isSame = earlier?.run.epoch === run.epoch;
    const goesOnFrom = earlier !== null && !isSame ? await earlier.passOn(run) : null;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await writeDurably(join(path, 'claim.json'), run);
    const completion = isSame ? (earlier?.completion ?? null) : null;
    const folder = new RunFolder(path, run, earlier?.state ?? freshState, completion, goesOnFrom);
    return earlier === null ? folder.takeOver(runsDir) : folder;
  }

  /** Reads a folder back; null when it holds no readable claim. */
  static async load(runsDir: string, runId: string): Promise<RunFolder | null> {
    const folder = await RunFolder.open(join(runsDir, runId));
    return folder?.run.runId === runId ? folder : null;
  }

  /** Reads the folder at `path`, wherever that is. */
  static async open(path: string): Promise<RunFolder | null> {
    const run = ClaimedRun.safeParse(await readJson(join(path, 'claim.json'))).data;
    if (run === undefined) return null;
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

  saveState(change: Partial<RunState>): Promise<void> {
    this.state = { ...this.state, ...change };
    // One after the other: each writes what is known by then.
    const saving = this.saving.then(() => writeDurably(this.file('state.json'), this.state));
    this.saving = saving.catch(() => undefined);
    return saving;
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

  /**
   * Keeps workspace and session for when the run comes back, and nothing else. Called when the orchestrator has taken the run back:
   * the folder no longer says that the worker holds it.
   */
  async rest(ended = false): Promise<void> {
    await this.removeTmpDir();
    const { starts, stdoutFrom, commandEnd, stage, emptied } = freshState;
    await this.saveState({ starts, stdoutFrom, commandEnd, stage, emptied, ended, resting: true });
    this.completion = null;
    await this.removeEpoch();
  }

  /** Removes the folder and the temporary folder; the workspace stays for people to look at. */
  async remove(): Promise<void> {
    await this.removeTmpDir();
    await rm(this.path, { recursive: true, force: true });
  }

  /** Takes the workspace that this worker kept of the ended run that this one goes on with. */
  private async takeOver(runsDir: string): Promise<RunFolder> {
    const { resume } = this.run;
    if (resume === null || resume.isFork || resume.runId === this.run.runId) return this;
    const source = await RunFolder.load(runsDir, resume.runId);
    const workspace = source?.state.workspace ?? null;
    if (source?.state.ended !== true || workspace === null || !isLatest(source.run, resume)) return this;
    if ((await stat(workspace.folder).catch(() => null))?.isDirectory() !== true) return this;
    await this.saveState({ workspace });
    await source.remove();
    return new RunFolder(this.path, this.run, this.state, null, source.run.epoch);
  }

  /** Leaves to a later epoch what it may use. Returns this epoch when that is everything it needs to go on. */
  private async passOn(next: ClaimedRun): Promise<number | null> {
    await this.removeTmpDir();
    await this.removeEpoch();
    const { workspace } = this.state;
    const isThere = workspace !== null && (await stat(workspace.folder).catch(() => null))?.isDirectory() === true;
    // A command does not go on, it starts again.
    const isUsed = isThere && next.spec.executor === 'claude' && isLatest(this.run, next.resume);
    if (!isUsed) await rm(this.file('checkpoint.json'), { force: true });
    await this.saveState({ ...freshState, workspace: isUsed ? workspace : null });
    return isUsed ? this.run.epoch : null;
  }

  /** Removes what belongs to one epoch: numbers start anew with each, and an unsent end of an earlier one no longer counts. */
  private async removeEpoch(): Promise<void> {
    for (const name of epochFiles) await rm(this.file(name), { recursive: true, force: true });
  }
}

/** Whether what a worker has of an epoch is the latest there is, so that it goes on from there. */
export function isLatest(epoch: Pick<ClaimedRun, 'runId' | 'epoch'>, resume: ResumePoint | null): boolean {
  // A smaller epoch in `resume` is one whose worker told that it began; ours came after it and was not heard of.
  return resume !== null && resume.runId === epoch.runId && resume.epoch <= epoch.epoch;
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
