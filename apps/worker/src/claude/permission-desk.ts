// What Claude asks of people, from the request to the answer that it gets. Requests are told to the orchestrator one after the other,
// and each is closed there before the next is told, so that one decision is never taken for two requests.
import { ApprovalDecision } from '@corch/contract';
import { ApiError, patient, type Client } from '@corch/contract/client';
import { messageOf } from '../error-facts.js';
import type { Logger } from '../logger.js';
import type { Redactor } from '../redact.js';
import { permissionResponse } from './claude-args.js';
import { reportOf, responseOf, type Permission } from './permission-report.js';

/** What the desk may do. */
export interface DeskOptions {
  readonly runId: string;
  readonly epoch: number;
  readonly cwd: string;
  readonly client: Pick<Client, 'reportApproval' | 'closeApproval' | 'withdrawApprovals'>;
  readonly redactor: Redactor;
  readonly logger: Logger;
  /** Aborted as soon as the child shall end. From then on it gets no answer; whoever goes on with the run does. */
  readonly signal: AbortSignal;
  /** To the standard input of Claude Code. */
  write(line: string): void;
  /** Told when the first request begins to wait and when none waits any more. */
  onWaiting(isWaiting: boolean): void;
  /** Told when Claude got its answer. */
  onDecided(asked: Permission, decision: ApprovalDecision): Promise<void>;
  /** Nobody has decided for as long as the orchestrator wants a slot to be kept: the run rests until somebody has. */
  onLong(waitedMs: number): void;
}

export class PermissionDesk {
  private readonly stopped = new AbortController();
  private readonly waiting = new Map<string, { readonly asked: Permission; approvalId: string | null }>();
  /** Decisions that came before the answer to the report. */
  private readonly early = new Map<string, ApprovalDecision>();
  private turn: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: DeskOptions) {}

  /** Claude asks. `plan`: what it wants to carry out. Nothing waits for the decision but Claude itself. */
  ask(asked: Permission, plan: string | null): void {
    this.waiting.set(asked.requestId, { asked, approvalId: null });
    if (this.waiting.size === 1) this.options.onWaiting(true);
    this.next(() => this.report(asked, plan));
  }

  /** Claude does not wait any more. */
  cancelled(requestId: string): void {
    const entry = this.waiting.get(requestId);
    if (entry === undefined) return;
    this.forget(requestId);
    const { approvalId } = entry;
    // Without an id it is being told; then `report` closes it.
    if (approvalId !== null) this.next(() => this.close(approvalId));
  }

  /** Claude went on in the turn in which an earlier child was ended: what that one had asked, and this one has not, is not waited for. */
  wentOn(): void {
    this.next(() => this.withdraw());
  }

  /** Somebody decided. Resolves when Claude has been told, or when nothing waits for it. */
  async answer(approvalId: string, said: unknown): Promise<void> {
    const decision = ApprovalDecision.safeParse(said).data;
    if (decision === undefined) {
      this.options.logger.error('a decision is not understood', { runId: this.options.runId, approvalId });
      return;
    }
    const entry = [...this.waiting.values()].find((one) => one.approvalId === approvalId);
    if (entry === undefined) this.early.set(approvalId, decision);
    else if (await this.tell(entry.asked, decision)) this.next(() => this.close(approvalId));
  }

  /** The child has ended. What it asked stays open with the orchestrator until the run goes on or ends. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.waiting.clear();
    // Whether Claude got an answer has to be told, should the orchestrator be there; otherwise it is asked again.
    const givenUp = setTimeout(() => this.stopped.abort(new Error('the child has ended')), closeMs);
    await this.turn;
    clearTimeout(givenUp);
    this.stopped.abort(new Error('the child has ended'));
  }

  private async report(asked: Permission, plan: string | null): Promise<void> {
    const { runId, epoch, cwd, client, redactor, logger } = this.options;
    if (!this.waiting.has(asked.requestId)) return;
    const body = reportOf(asked, { epoch, cwd, plan }, redactor);
    try {
      const call = { params: { runId }, body, retry: patient, signal: this.stopped.signal };
      const { id, decision, waitMs } = await client.reportApproval(call);
      const entry = this.waiting.get(asked.requestId);
      if (entry === undefined) return await this.close(id);
      entry.approvalId = id;
      const known = decision ?? this.early.get(id);
      if (known !== undefined) {
        if (await this.tell(asked, known)) await this.close(id);
        return;
      }
      logger.info('a decision is waited for', { runId, approvalId: id, toolName: asked.toolName });
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.options.onLong(waitMs), waitMs);
    } catch (error) {
      if (this.stopped.signal.aborted || (error instanceof ApiError && error.status === 409)) return;
      logger.error('approval not asked for', { runId, toolName: asked.toolName, error: messageOf(error) });
      const message = 'This could not be asked for, so it is denied. Go on without it.';
      if (this.waiting.has(asked.requestId)) await this.tell(asked, { action: 'deny', message, interrupt: false });
    }
  }

  /** False when the child ends and cannot be told. */
  private async tell(asked: Permission, decision: ApprovalDecision): Promise<boolean> {
    if (this.options.signal.aborted || !this.waiting.has(asked.requestId)) return false;
    this.forget(asked.requestId);
    this.options.write(permissionResponse(asked.requestId, responseOf(asked, decision)));
    await this.options.onDecided(asked, decision);
    return true;
  }

  private forget(requestId: string): void {
    if (!this.waiting.delete(requestId) || this.waiting.size > 0) return;
    clearTimeout(this.timer);
    this.options.onWaiting(false);
  }

  private async close(approvalId: string): Promise<void> {
    const { runId, epoch, client, logger } = this.options;
    this.early.delete(approvalId);
    const call = { params: { runId, approvalId }, body: { epoch }, retry: patient, signal: this.stopped.signal };
    await client.closeApproval(call).catch((error: unknown) => {
      if (this.stopped.signal.aborted || error instanceof ApiError) return;
      logger.warn('approval not closed', { runId, approvalId, error: messageOf(error) });
    });
  }

  private async withdraw(): Promise<void> {
    const { runId, epoch, client, logger } = this.options;
    const waiting = [...this.waiting.values()].flatMap(({ approvalId }) => approvalId ?? []);
    const call = { params: { runId }, body: { epoch, waiting }, retry: patient, signal: this.stopped.signal };
    await client.withdrawApprovals(call).catch((error: unknown) => {
      // An older orchestrator knows no such word; there it stays open until the run ends.
      if (this.stopped.signal.aborted || error instanceof ApiError) return;
      logger.warn('approvals not withdrawn', { runId, error: messageOf(error) });
    });
  }

  private next(step: () => Promise<void>): void {
    this.turn = this.turn.then(step).catch((error: unknown) => {
      this.options.logger.error('approval not handled', { runId: this.options.runId, error });
    });
  }
}

/** An orchestrator that is away is not waited for longer when the child has ended. */
const closeMs = 2000;
