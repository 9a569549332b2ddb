import { Inject, Injectable } from '@nestjs/common';
import type { Enrolment } from '@corch/contract';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { EnrolmentsRepository } from './enrolments.repository.js';
import { hashToken, newToken } from './tokens.js';

const enrolmentMs = 3_600_000;

/** Makes the tokens that enrol a worker; using them up is part of enrolling (TokensService). */
@Injectable()
export class EnrolmentsService {
  constructor(
    @Inject(EnrolmentsRepository) private readonly enrolments: EnrolmentsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A token that works once and for 1 hour. */
  async create(createdBy: string): Promise<Enrolment> {
    const token = newToken('enrolment');
    const now = this.clock();
    const expiresAt = now + enrolmentMs;
    await this.enrolments.insert({
      id: newId('enrol', now),
      hash: hashToken(token),
      createdBy,
      createdAt: now,
      expiresAt,
    });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
