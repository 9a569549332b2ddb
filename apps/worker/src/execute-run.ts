// One run, top to bottom. Read this first.
//
//   workspace ─► plan ─► setup ─► Claude ─► checks ─► change ─► artifacts, teardown ─► completion on disk ─► deliver-run.ts
//                                   ▲          │
//                                   └── round ◄┘            (events all the while; a sweep after each child)
//
// Every step can be repeated: a worker that was restarted enters here again with the same run folder. It finishes what the
// child's output already shows, or goes on in the same workspace, the same stage and the same Claude session.
import { checkpointName, outcomeRow } from '@corch/contract';
import type { Delivered, DeliveryOrder, EventBody, RunSpec } from '@corch/contract';
import { patient } from '@corch/contract/client';
import { inSpan } from '@corch/telemetry';
import { randomUUID } from 'node:crypto';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgumentError } from './claude/claude-args.js';
import { startOf } from './claude/cut.js';
import type { ExecutorEnd } from './claude/run-claude.js';
import type { WorkerContext } from './context.js';
import { deliverChange } from './deliver/deliver-change.js';
import { DeliveryError } from './deliver/delivery-error.js';
import { isSpawnError, isTimeout, messageOf } from './error-facts.js';
import { fetchFollowed } from './followed-change.js';
import { racePoint } from './race-point.js';
import { recordChange } from './record-change.js';
import { recoverEnd, recoverStep } from './recover-end.js';
import type { Redactor } from './redact.js';
import { repositoryAccess } from './repository/repository-access.js';
import type { RunControl } from './run-control.js';
import type { RunFolder } from './run-folder.js';
import type { RunInbox } from './run-inbox.js';
import { redactorOf } from './run-redactor.js';
import { noteAgent } from './run-spans.js';
import type { Spool } from './spool.js';
import { keptChange } from './starts-from.js';
import { checkChange, noteEnd, setUp } from './stages/check-change.js';
import { cleanUp } from './stages/clean-up.js';
import { afterChange, endedAs, interruptedEnd } from './stages/ends.js';
import { planRun } from './stages/plan-run.js';
import { runClaudeStage, runCommandStage } from './stages/run-agent.js';
import type { RunParts } from './stages/run-parts.js';
import { RunCheckpoints } from './stages/run-checkpoints.js';
import { refusedSteps } from './stages/run-plan.js';
import { maxCrashes } from './suspects.js';
import { takeWorkspace } from './take-workspace.js';
import { within } from './within.js';
import type { Workspace } from './workspace.js';
import { WorkspaceError } from './workspace/workspace-error.js';

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
  const { folder, control } = execution;
  const run = new RunExecution(context, execution);
  try {
    const end = await run.execute();
    if (control.isInterrupted && !endedByItself(folder, control, end)) return 'kept';
    await complete(context, execution, run, end);
    return 'completed';
  } finally {
    await run.close();
  }
}

async function complete(
  context: WorkerContext,
  { folder, spool, inbox }: Execution,
  run: RunExecution,
  worked: ExecutorEnd,
): Promise<void> {
  const { redactor } = run;
  // Whoever goes on with it, now or when somebody says something to it, may be another worker.
  const hasCheckpoint = await run.checkpoints.build();
  const change = await inSpan('change', {}, async (span) => {
    const recorded = await recordChange(context, folder, redactor, worked.result?.text ?? null);
    span.set({ 'corch.files': recorded.stat?.files });
    return recorded;
  });
  const end = afterChange(worked, folder.run.spec, change.problem);
  const artifacts = await run.cleanUp();
  await racePoint('change.read');
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
    start: run.unreported,
    finish: {
      epoch: folder.run.epoch,
      completionId: randomUUID(),
      exit,
      result,
      costUsd: end.costUsd,
      stat: change.stat,
      lastN: spool.lastN,
      resetsAt: end.resetsAt ?? null,
      inboxN: inbox.settledN,
      commit: change.commit,
      checks: folder.state.stage?.steps ?? [],
      delivered: run.delivered,
      retryAt: end.retryAt ?? null,
    },
    files: [...change.files, ...artifacts, ...(hasCheckpoint ? [checkpointName] : [])],
  });
  await racePoint('completion.saved');
}

/** The child came to its end just when the run was to be handed back: nobody does that again. */
function endedByItself({ run, state }: RunFolder, control: RunControl, end: ExecutorEnd): boolean {
  if (control.reason !== 'hand_back') return false;
  if (run.spec.executor === 'claude') return end.outcome === 'succeeded';
  return state.commandEnd !== null && end !== interruptedEnd;
}

/** The part of a run that can fail, and what its failures mean. */
class RunExecution {
  readonly redactor: Redactor;
  /** Where the change is by now; only of a run that delivers. */
  delivered: Delivered | null = null;
  readonly checkpoints: RunCheckpoints;
  /** The start, as long as the orchestrator does not know of it. */
  unreported: Pick<Workspace, 'branch' | 'baseCommit'> | null = null;
  private readonly over = new AbortController();
  private readonly parts: RunParts;
  private readonly startedAt = performance.now();

  constructor(
    private readonly context: WorkerContext,
    private readonly execution: Execution,
  ) {
    const { run } = execution.folder;
    this.redactor = redactorOf(context, run);
    const tell = (text: string, level?: 'info' | 'warn') => this.tell(text, level);
    this.checkpoints = new RunCheckpoints(context, execution.folder, this.redactor, tell);
    this.parts = {
      ...execution,
      context,
      redactor: this.redactor,
      processes: context.containment.forRun(run.runId),
      checkpoints: this.checkpoints,
      tell,
      runMs: () => this.runMs(),
    };
  }

  /** Runs all stages, or finds out why they cannot run. Never throws: a failure of our own is an outcome too. */
  async execute(): Promise<ExecutorEnd> {
    const { control } = this.execution;
    try {
      const end = await this.work().catch((error: unknown) => this.endOf(error));
      // Ended before the cancel was heard of, as when the orchestrator was out of reach.
      return control.reason === 'cancel' && end.outcome === 'agent_killed' ? { ...end, outcome: 'cancelled' } : end;
    } finally {
      // Whatever happened, nothing of the run survives it.
      await this.parts.processes.sweep();
    }
  }

  /** Keeps artifacts and runs teardown. Returns the names of the files that are kept. */
  async cleanUp(): Promise<readonly string[]> {
    return cleanUp(this.parts, () => this.makeTmpDir());
  }

  /** Leaves nothing behind that only the children needed. */
  async close(): Promise<void> {
    this.over.abort();
    await this.parts.processes.sweep();
    await this.execution.folder.removeTmpDir();
  }

  private endOf(error: unknown): ExecutorEnd {
    const { control, folder } = this.execution;
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
  }

  private async work(): Promise<ExecutorEnd> {
    const { folder, control } = this.execution;
    const { spec, delivery } = folder.run;
    if (delivery !== null) return this.deliver(delivery);
    const refused = this.context.config.allowCommands ? null : refusal(spec);
    if (refused !== null) return endedAs('refused', refused);
    const known = await this.recover();
    if (known !== null && !hasChecks(folder, known)) return known;
    if (folder.state.crashes >= maxCrashes) return endedAs('worker_killed', null);
    control.signal.throwIfAborted();
    if (known === null) await this.tellRestart();
    const inTime = within(control.signal, this.runMs());
    const kept = keptChange(this.context, folder, inTime);
    const own = repositoryAccess(this.context, folder.run, this.redactor, inTime);
    const access = { ...own, ...(kept !== undefined && { kept }) };
    const workspace = await inSpan('prepare', {}, async () => {
      const taken = await takeWorkspace(this.context, folder, this.parts.tell, access);
      await fetchFollowed(this.context, folder, inTime);
      return taken;
    });
    this.reportStart(workspace);
    await planRun(this.parts, workspace, inTime);
    const place = { cwd: workspace.folder, tmpDir: await this.makeTmpDir() };
    control.signal.throwIfAborted();
    const notSetUp = await setUp(this.parts, place);
    if (notSetUp !== null) return notSetUp;
    for (let end = known; ; end = null) {
      end ??= await noteEnd(this.parts, await this.agent(workspace, place.tmpDir));
      const checked = await checkChange(this.parts, place, end);
      if (checked !== 'again') return checked;
    }
  }

  /** After a restart: how Claude or the command ended, when that is known. */
  private async recover(): Promise<ExecutorEnd | null> {
    const { folder, spool, interrupted } = this.execution;
    const { stage, starts } = folder.state;
    const wasInStep = stage !== null && (stage.ended !== null || !stage.isSetUp);
    if (wasInStep) await recoverStep(folder, spool, this.redactor);
    if (wasInStep || starts === 0) return stage?.ended ?? null;
    const ended = await recoverEnd(folder, spool, this.redactor, interrupted);
    return ended === null ? null : noteEnd(this.parts, ended);
  }

  private async tellRestart(): Promise<void> {
    const { folder, interrupted } = this.execution;
    const { starts, stage } = folder.state;
    if (starts > 0) await this.tell(`${interrupted}; the run goes on (start ${starts + 1}).`, 'warn');
    else if (stage !== null && !stage.isSetUp) await this.tell(`${interrupted}; setup runs again.`, 'warn');
  }

  private agent(workspace: Workspace, tmpDir: string): Promise<ExecutorEnd> {
    const { spec } = this.execution.folder.run;
    const { stage } = this.execution.folder.state;
    return inSpan(spec.executor, { attributes: { 'corch.round': stage?.round } }, async (span) => {
      const end = await (spec.executor === 'command'
        ? runCommandStage(this.parts, workspace, tmpDir)
        : runClaudeStage(this.parts, workspace, tmpDir, stage?.feedback ?? null));
      noteAgent(span, end);
      return end;
    });
  }

  private async deliver(order: DeliveryOrder): Promise<ExecutorEnd> {
    const { folder, spool, control } = this.execution;
    const { branch, baseCommit } = order;
    await this.execution.untilHeld();
    control.signal.throwIfAborted();
    this.reportStart({ branch, baseCommit });
    const access = repositoryAccess(this.context, folder.run, this.redactor, within(control.signal, this.runMs()));
    const job = {
      ...{ context: this.context, folder, order, access, redactor: this.redactor },
      tell: (event: EventBody) => spool.append([this.redactor.deep(event)]),
      onDelivered: (delivered: Delivered) => {
        this.delivered = delivered;
      },
    };
    await inSpan('deliver', { attributes: { 'corch.delivery': order.mode } }, () => deliverChange(job));
    return endedAs('succeeded', null);
  }

  /** The orchestrator may be away; the run does not wait for it. What it was not told when the run ends comes before the finish. */
  private reportStart({ branch, baseCommit }: Pick<Workspace, 'branch' | 'baseCommit'>): void {
    const { folder, control } = this.execution;
    const { runId, epoch, runToken } = folder.run;
    const signal = AbortSignal.any([control.signal, this.over.signal]);
    this.unreported = { branch, baseCommit };
    this.context
      .clientFor(runToken)
      .reportStart({ params: { runId }, body: { epoch, branch, baseCommit }, retry: patient, signal })
      .then(() => (this.unreported = null))
      .catch((error: unknown) => {
        if (!signal.aborted) this.context.logger.warn('start not reported', { runId, error: messageOf(error) });
      });
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

/** Why a worker that does not allow commands cannot take the task, or null. */
function refusal(spec: RunSpec): string | null {
  if (spec.executor !== 'command') return refusedSteps(spec);
  return 'This worker does not allow commands. Start it with `--allow-commands`.';
}

/** Whether what is known of the end is not all: its change has to be checked. */
function hasChecks({ state }: RunFolder, end: ExecutorEnd): boolean {
  return end.outcome === 'succeeded' && state.stage !== null && state.stage.plan.checks.length > 0;
}
