import { Inject, Injectable } from '@nestjs/common';
import type { ClaimedRepository, ClaimedRun, RunSpec } from '@corch/contract';
import { TokensService } from '../auth/tokens.service.js';
import { Address } from '../common/address.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import type { RepositoryRow } from '../repositories/repository.entity.js';
import type { WorkerRow } from '../workers/worker.entity.js';
import { Deliveries } from './deliveries.service.js';
import { FollowedChanges } from './followed-changes.js';
import { resumePoint } from './resume-point.js';
import { branchFrom } from './run-rules.js';
import type { ClaimRow, RunRow } from './run.entity.js';
import { spentMs } from './run-time.js';
import { RunsRepository } from './runs.repository.js';

/** What a worker gets with a run: everything it needs, and a token for just this run and epoch. */
@Injectable()
export class ClaimedRuns {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
    @Inject(FollowedChanges) private readonly followed: FollowedChanges,
    @Inject(Address) private readonly address: Address,
    @Inject(TokensService) private readonly tokens: TokensService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The answer to a repeated claim: those of its runs that the worker still holds. */
  async again(worker: WorkerRow, claim: ClaimRow): Promise<ClaimedRun[]> {
    if (claim.workerId !== worker.id) return [];
    const rows = await this.runs.findMany(
      this.database.read,
      claim.runs.map(({ runId }) => runId),
    );
    const held = rows.filter(
      (run) =>
        run.status === 'running' && claim.runs.some((one) => one.runId === run.id && one.epoch === run.leaseEpoch),
    );
    return this.toClaimed(held);
  }

  async toClaimed(runs: readonly RunRow[]): Promise<ClaimedRun[]> {
    const now = this.clock();
    const tasks = await this.runs.specs(
      this.database.read,
      runs.map(({ taskId }) => taskId),
    );
    const lost = await this.runs.findMany(
      this.database.read,
      runs.flatMap(({ continuesRunId }) => continuesRunId ?? []),
    );
    const urls = [...tasks.values()].flatMap(({ spec }) => urlOf(spec) ?? []);
    const asking = await this.runs.asking(
      this.database.read,
      runs.filter(({ taskId }) => tasks.get(taskId)?.spec.permissionPolicy === 'ask').map(({ sessionId }) => sessionId),
    );
    const registered = await this.repositories.byUrls(this.database.read, urls);
    const orders = await this.deliveries.orders(this.database.read, runs);
    const followed = await this.followed.of(this.database.read, runs);
    return runs.flatMap((run) => {
      const task = tasks.get(run.taskId);
      // The task was deleted meanwhile, or the worker removed: there is nothing to do.
      const delivery = orders.get(run.id) ?? null;
      if (task === undefined || run.workerId === null || (run.executor === 'deliver' && delivery === null)) return [];
      const before = lost.find(({ id }) => id === run.continuesRunId);
      const repository = registered.get(urlOf(task.spec) ?? '');
      return {
        runId: run.id,
        taskId: run.taskId,
        title: task.title,
        attempt: run.attempt,
        epoch: run.leaseEpoch,
        runToken: this.tokens.mintRunToken({ runId: run.id, epoch: run.leaseEpoch, workerId: run.workerId }),
        spec: task.spec,
        demo: run.demo,
        branch: branchOf(run, task.title, before, repository?.branchTemplate ?? null),
        sessionId: run.sessionId,
        spentMs: spentMs(run, now),
        taskUrl: this.address.taskUrl(run.taskId),
        delivery,
        follows: followed.get(run.id) ?? null,
        // What is delivered is pushed from its bundle alone.
        startsFrom: delivery === null ? task.startsFrom : null,
        resume: resumePoint(run, before),
        repository: claimedRepository(repository),
        trigger: run.trigger,
        isAsking: asking.has(run.sessionId),
        inboxN: run.inboxN,
        ...(run.traceparent === null ? {} : { traceparent: run.traceparent }),
      };
    });
  }
}

/** The branch that a worker has begun on stays, and so does one that was taken over from another run; before that the template counts. */
function branchOf(run: RunRow, title: string, before: RunRow | undefined, template: string | null): string | null {
  const isPlan = run.executor !== 'deliver' && run.workedEpoch === null && run.branch !== before?.branch;
  if (run.branch === null || template === null || !isPlan) return run.branch;
  return branchFrom(template, run.taskId, title, run.attempt);
}

function urlOf({ repository }: RunSpec): string | undefined {
  return repository !== undefined && 'url' in repository ? repository.url : undefined;
}

function claimedRepository(row: RepositoryRow | undefined): ClaimedRepository | null {
  if (row === undefined) return null;
  const { name, trusted, gitSecret, apiSecret, apiUrl } = row;
  return { name, trusted, hasGitSecret: gitSecret !== null, hasApiSecret: apiSecret !== null, apiUrl };
}
