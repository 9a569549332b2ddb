import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { EnrolmentRow } from './enrolment.entity.js';
import { hashToken, newToken, runToken, type RunGrant } from './tokens.js';
import { WorkerTokenRow } from './worker-token.entity.js';

/** Injection token: the secret that run tokens are made with; the same for all orchestrators on one database. */
export const RUN_SECRET = Symbol('RunSecret');

/** Makes and ends the tokens of workers and runs. What takes a manager belongs into the transaction of the caller. */
@Injectable()
export class TokensService {
  constructor(
    @Inject(RUN_SECRET) private readonly runSecret: string,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A new token of a worker, shown this once. */
  async mintWorkerToken(manager: EntityManager, workerId: string): Promise<string> {
    const token = newToken('worker');
    const now = this.clock();
    await manager
      .createQueryBuilder()
      .insert()
      .into(WorkerTokenRow)
      .values({ id: newId('wtok', now), hash: hashToken(token), workerId, createdAt: now })
      .execute();
    return token;
  }

  /** The token of a run and epoch for the worker that has it; asking again gives the same one. */
  mintRunToken(grant: RunGrant): string {
    return runToken(this.runSecret, grant);
  }

  /** Uses an enrolment up. False when it was used or has expired since it was shown. */
  async spendEnrolment(manager: EntityManager, enrolmentId: string): Promise<boolean> {
    const deleted = await manager
      .createQueryBuilder()
      .delete()
      .from(EnrolmentRow)
      .where('id = :id AND expires_at > :now', { id: enrolmentId, now: this.clock() })
      .execute();
    return deleted.affected === 1;
  }

  /** From the commit on, nothing that the worker sends is accepted, for itself or for one of its runs. */
  async revokeWorkerTokens(manager: EntityManager, workerId: string): Promise<void> {
    await manager.createQueryBuilder().delete().from(WorkerTokenRow).where({ workerId }).execute();
  }
}
