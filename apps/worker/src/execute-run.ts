// One run, top to bottom. Read this first.
//
//   workspace ─► child ─► (events all the while) ─► sweep ─► change ─► completion on disk ─► deliver-run.ts
//
// Every step can be repeated: a worker that was restarted enters here again with the same run folder. It finishes what the
// child's output already shows, or goes on in the same workspace and the same Claude session.
import { checkpointName, outcomeRow, type Delivered, type DeliveryOrder } from '@corch/contract';
import { patient } from '@corch/contract/client';
import { randomUUID } from 'node:crypto';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCheckpoint, keepCheckpoint, maxPartBytes, type KeptCheckpoint } from './checkpoint.js';
import { CheckpointPace } from './checkpoint-pace.js';
import { ArgumentError } from './claude/claude-args.js';
import { childEnvironment } from './claude/claude-env.js';
import type { Ending } from './claude/claude-outcome.js';
import { runClaude, sizeOf, type AsksPeople, type ExecutorEnd } from './claude/run-claude.js';
import { findProgram, runCommand } from './command/run-command.js';
import { searchPath } from './config.js';
import type { WorkerContext } from './context.js';
import { deliverChange } from './deliver/deliver-change.js';
import { DeliveryError } from './deliver/delivery-error.js';
import { isSpawnError, isTimeout, messageOf } from './error-facts.js';
import { outputFiles } from './output/output-files.js';
import { recordChange } from './record-change.js';
import { prepareClaude, settleTold } from './prepare-claude.js';
import type { RunProcesses } from './process-tree/containment.js';
import { racePoint } from './race-point.js';
import { recoverEnd } from './recover-end.js';
import type { Redactor } from './redact.js';
import { repositoryAccess } from './repository/repository-access.js';
import { redactorOf } from './run-redactor.js';
import type { RunControl } from './run-control.js';
import type { CommandEnd, RunFolder } from './run-folder.js';
import type { RunInbox } from './run-inbox.js';
import { startOf } from './claude/cut.js';
import { maxCrashes } from './suspects.js';
import type { Spool } from './spool.js';
import { takeWorkspace } from './take-workspace.js';
import type { Workspace } from './workspace.js';
import { WorkspaceError } from './workspace/workspace-error.js';
import { within } from './within.js';

/** The contract keeps no longer message; in characters of at most four bytes. */
const maxMessageBytes = 4000;

/** One execution of a run on this worker. */
export interface Execution {
  readonly folder: RunFolder;
  readonly spool: Spool;
  /** What people say to the run meanwhile. */
  readonly inbox: RunInbox;
  readonly control: RunControl;
  /** Gives the run back; `text` says why. */
  readonly giveBack: (text: string) => void;
  /** What interrupted it, should it have been started before; the beginning of a sentence. */
  readonly interrupted: string;
  /** How long this process has had the run already. */
  readonly elapsedMs: number;
  /** Resolves when nobody else can have the run, or when it is stopped. */
  readonly untilHeld: () => Promise<void>;
}

/**
 * Executes a run until its completion is on disk.
 *
 * @returns `completed`, or `kept` when the child was interrupted: somebody goes on with the run
 */
export async function executeRun(context: WorkerContext, execution: Execution): Promise<'completed' | 'kept'> {
  const { folder, spool, control } = execution;
  const run = new RunExecution(context, execution);
  const end = await run.execute();
  if (control.isInterrupted && !endedByItself(folder, control, end)) return 'kept';
  const redactor = run.redactor;
  // Whoever goes on with it, now or when somebody says something to it, may be another worker.
  const hasCheckpoint = await run.buildCheckpoint();
  const change = await recordChange(context, folder, end.result?.text ?? null);
  const message = end.message === null ? null : startOf(redactor.deep(end.message), maxMessageBytes);
  const result = redactor.deep(end.result);
  const exit = { outcome: end.outcome, code: end.code, signal: end.signal, message };
  const text = [outcomeRow(end.outcome).sentence, message].filter((part) => part !== null).join(' ');
  await spool.append([
    ...change.events,
    { type: 'exit', outcome: end.outcome, code: end.code, signal: end.signal, text },
  ]);
  await spool.sync();
  await folder.saveCompletion({
    finish: {
      epoch: folder.run.epoch,
      completionId: randomUUID(),
      exit,
      result,
      costUsd: end.costUsd,
      stat: change.stat,
      lastN: spool.lastN,
      resetsAt: end.resetsAt ?? null,
      inboxN: execution.inbox.settledN,
      commit: change.commit,
      checks: [],
      delivered: run.delivered,
      retryAt: end.retryAt ?? null,
    },
    files: [...change.files, ...(hasCheckpoint ? [checkpointName] : [])],
  });
  await racePoint('completion.saved');
  return 'completed';
}

/** The child came to its end just when the run was to be handed back: nobody does that again. */
function endedByItself({ run, state }: RunFolder, control: RunControl, end: ExecutorEnd): boolean {
  if (control.reason !== 'hand_back') return false;
  return run.spec.executor === 'claude' ? end.outcome === 'succeeded' : state.commandEnd !== null;
}

const endedAs = (outcome: Ending['outcome'], message: string | null): ExecutorEnd => ({
  outcome,
  message,
  code: null,
  signal: null,
  result: null,
  costUsd: null,
});

/** The part of a run that can fail, and what its failures mean. */
class RunExecution {
  readonly redactor: Redactor;
  /** Where the change is by now; only of a run that delivers. */
  delivered: Delivered | null = null;
  private readonly processes: RunProcesses;
  private readonly startedAt = performance.now();
  private isTooLargeTold = false;

  constructor(
    private readonly context: WorkerContext,
    private readonly execution: Execution,
  ) {
    const { run } = execution.folder;
    this.redactor = redactorOf(context, run);
    this.processes = context.containment.forRun(run.runId);
  }

  /** Runs the child, or finds out why it cannot run. Never throws: a failure of our own is an outcome too. */
  async execute(): Promise<ExecutorEnd> {
    const { control, folder } = this.execution;
    try {
      const end = await this.work();
      // Ended before the cancel was heard of, as when the orchestrator was out of reach.
      return control.reason === 'cancel' && end.outcome === 'agent_killed' ? { ...end, outcome: 'cancelled' } : end;
    } catch (error) {
      if (control.reason === 'cancel') return endedAs('cancelled', null);
      if (control.reason !== null) return endedAs('worker_error', null);
      if (isTimeout(error))
        return endedAs('run_time', folder.run.delivery === null ? 'The workspace was not ready in time.' : null);
      if (error instanceof DeliveryError) {
        return { ...endedAs(error.outcome, error.message), retryAt: error.retryAt };
      }
      if (error instanceof WorkspaceError && folder.run.delivery !== null) {
        return endedAs('delivery_failed', error.message);
      }
      if (error instanceof WorkspaceError) return endedAs(error.outcome, error.message);
      if (error instanceof ArgumentError || isSpawnError(error)) return endedAs('spawn_failed', messageOf(error));
      this.context.logger.error('run failed in the worker', { runId: folder.run.runId, error });
      return endedAs('worker_error', messageOf(error));
    } finally {
      // Whatever happened, nothing of the run survives it.
      await this.processes.sweep();
      await folder.removeTmpDir();
    }
  }

  private async work(): Promise<ExecutorEnd> {
    const { folder, spool, control, interrupted } = this.execution;
    const { spec, delivery } = folder.run;
    if (delivery !== null) return this.deliver(delivery);
    const unknown = (['setup', 'checks', 'teardown', 'artifacts'] as const).filter((name) => spec[name]?.length);
    // A change that was to be checked must not pass for one that was.
    if (unknown.length > 0) {
      return endedAs('refused', `This worker does not run ${unknown.join(', ')} of a task. Submit it without them.`);
    }
    if (spec.executor === 'command' && !this.context.config.allowCommands) {
      return endedAs('refused', 'This worker does not allow commands. Start it with `--allow-commands`.');
    }
    if (folder.state.starts > 0) {
      const ended = await recoverEnd(folder, spool, this.redactor, interrupted);
      if (ended !== null) return ended;
      if (folder.state.crashes >= maxCrashes) return endedAs('worker_killed', null);
      control.signal.throwIfAborted();
      await this.tell(`${interrupted}; the run goes on (start ${folder.state.starts + 1}).`, 'warn');
    }
    control.signal.throwIfAborted();
    const inTime = within(control.signal, this.runMs());
    const tell = (text: string, level?: 'info' | 'warn') => this.tell(text, level);
    const access = repositoryAccess(this.context, folder.run, this.redactor, inTime);
    const workspace = await takeWorkspace(this.context, folder, tell, access);
    await this.reportStart(workspace);
    const tmpDir = await this.makeTmpDir();
    control.signal.throwIfAborted();
    return spec.executor === 'command' ? this.command(workspace, tmpDir) : this.claude(workspace, tmpDir);
  }

  private async deliver(order: DeliveryOrder): Promise<ExecutorEnd> {
    const { folder, spool, control } = this.execution;
    const { branch, baseCommit } = order;
    await this.execution.untilHeld();
    control.signal.throwIfAborted();
    await this.reportStart({ branch, baseCommit });
    const access = repositoryAccess(this.context, folder.run, this.redactor, within(control.signal, this.runMs()));
    await deliverChange({
      ...{ context: this.context, folder, order, access, redactor: this.redactor },
      tell: (event) => spool.append([this.redactor.deep(event)]),
      onDelivered: (delivered) => {
        this.delivered = delivered;
      },
    });
    return endedAs('succeeded', null);
  }

  /** The orchestrator may be away; the run does not wait for it. */
  private reportStart({ branch, baseCommit }: Pick<Workspace, 'branch' | 'baseCommit'>): Promise<void> {
    const { folder, control } = this.execution;
    const { runId, epoch, runToken } = folder.run;
    const report = this.context
      .clientFor(runToken)
      .reportStart({ params: { runId }, body: { epoch, branch, baseCommit }, retry: patient, signal: control.signal });
    report.catch((error: unknown) => {
      if (!control.signal.aborted) this.context.logger.warn('start not reported', { runId, error: messageOf(error) });
    });
    return Promise.resolve();
  }

  /** Short, since sockets go there, and private. */
  private async makeTmpDir(): Promise<string> {
    const { folder } = this.execution;
    const known = folder.state.tmpDir;
    if (known !== null && (await stat(known).catch(() => null))?.isDirectory()) return known;
    const tmpDir = await mkdtemp(join(tmpdir(), 'corch-'));
    await folder.saveState({ tmpDir });
    return tmpDir;
  }

  private async claude(workspace: Workspace, tmpDir: string): Promise<ExecutorEnd> {
    const { folder, spool, control } = this.execution;
    if (this.context.claude.problem !== null) return endedAs('spawn_failed', this.context.claude.problem);
    const { inbox } = this.execution;
    await inbox.caughtUp(control.signal);
    control.signal.throwIfAborted();
    const start = await prepareClaude(this.context, folder, workspace, inbox, tmpDir);
    // Nothing is under way that could still be stopped.
    for (const { kind, n, id } of inbox.open) if (kind === 'interrupt' || start.told.has(id)) await inbox.settle(n);
    if (start.messages.length === 0 && !start.asksAgain) return endedAs('interrupted', null);
    const stdoutFrom = await this.countStart();
    const prompts = start.messages.map(({ text, id }) => ({ type: 'prompt' as const, text, messageId: id }));
    await spool.append(this.redactor.deep(prompts));
    if (start.asksAgain) await this.tell('Claude goes on where it waited for a decision.');
    const pace = new CheckpointPace(
      () => this.context.intervals().checkpointMs,
      (signal) => this.keepCheckpoint(signal),
    );
    const clocks = { stdoutFrom, runMs: this.runMs(), onStep: () => pace.touch() };
    const { resume, runId } = folder.run;
    const isContinued = resume !== null && resume.runId !== runId;
    const asks = folder.run.spec.permissionPolicy === 'ask' ? this.asksPeople(workspace) : null;
    const child = { ...start, isContinued, inbox, asks, spec: folder.run.spec, files: outputFiles(folder), ...clocks };
    const end = await runClaude(child, spool, this.redactor, this.processes, control).finally(() => pace.stop());
    await settleTold(this.context, folder.run, inbox);
    return end;
  }

  private asksPeople({ folder: cwd }: Workspace): AsksPeople {
    const { folder, giveBack } = this.execution;
    const { runId, epoch, runToken } = folder.run;
    const onLong = (waitedMs: number) =>
      giveBack(`Nobody has decided for ${waitText(waitedMs)}; it goes on when somebody has.`);
    return { runId, epoch, cwd, client: this.context.clientFor(runToken), logger: this.context.logger, onLong };
  }

  /** Where the run stands at its end, in a file that goes along with it; false when there is none. */
  async buildCheckpoint(): Promise<boolean> {
    const built = await buildCheckpoint(this.context, this.execution.folder, this.redactor);
    if (built === 'too_large') await this.tellTooLarge();
    return built === 'built';
  }

  /** One checkpoint while the child works. */
  private async keepCheckpoint(signal: AbortSignal): Promise<KeptCheckpoint> {
    const kept = await keepCheckpoint(this.context, this.execution.folder, this.redactor, signal);
    if (kept === 'too_large') await this.tellTooLarge();
    return kept;
  }

  private async tellTooLarge(): Promise<void> {
    if (this.isTooLargeTold) return;
    this.isTooLargeTold = true;
    const text = `Session or change is larger than ${maxPartBytes / 1e6} MB, so no checkpoints are made: elsewhere the run could only go on from the last one.`;
    await this.tell(text, 'warn').catch(() => undefined);
  }

  private async command(workspace: Workspace, tmpDir: string): Promise<ExecutorEnd> {
    const { folder, spool, control } = this.execution;
    const { spec, runId } = folder.run;
    const { environment } = this.context.config;
    const [name = '', ...args] = spec.command ?? [];
    const path = await findProgram(name, workspace.folder, searchPath(environment));
    if (path === null) {
      return endedAs(
        'spawn_failed',
        `The program ${name} was not found on this worker. Install it, or name it by its path.`,
      );
    }
    const env = childEnvironment(environment, { runId, home: environment['HOME'] ?? '/', tmpDir });
    const program = { path, args, cwd: workspace.folder, env };
    const stdoutFrom = await this.countStart();
    const onEnded = (commandEnd: CommandEnd) => folder.saveState({ commandEnd });
    const child = { program, spec, files: outputFiles(folder), stdoutFrom, runMs: this.runMs(), onEnded };
    return runCommand(child, spool, this.redactor, this.processes, control);
  }

  /** Waits until a child may start, and notes that it starts now, and where its stdout begins. */
  private async countStart(): Promise<number> {
    const { folder, control, untilHeld } = this.execution;
    await untilHeld();
    control.signal.throwIfAborted();
    const stdoutFrom = await sizeOf(folder.file('stdout.log'));
    await folder.saveState({ starts: folder.state.starts + 1, stdoutFrom, running: true });
    return stdoutFrom;
  }

  /** What is left of the run's time: the orchestrator counted until the claim, this worker since then. */
  private runMs(): number {
    const { folder, elapsedMs } = this.execution;
    const { spec, spentMs } = folder.run;
    return spec.timeoutSeconds * 1000 - spentMs - elapsedMs - (performance.now() - this.startedAt);
  }

  private async tell(text: string, level: 'info' | 'warn' = 'info'): Promise<void> {
    await this.execution.spool.append([{ type: 'note', level, text: this.redactor.text(text) }]);
  }
}

/** `10 minutes`, `1 second`. */
function waitText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [amount, unit] = seconds % 60 === 0 && seconds > 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
