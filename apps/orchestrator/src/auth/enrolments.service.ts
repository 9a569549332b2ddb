import { Inject, Injectable } from '@nestjs/common';
import type { CreatedEnrolment, Enrolment } from '@corch/contract';
import { Address } from '../common/address.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import type { EnrolmentRow } from './enrolment.entity.js';
import { EnrolmentsRepository } from './enrolments.repository.js';
import { hashToken, newToken } from './tokens.js';

const enrolmentMs = 3_600_000;

/** Makes, lists and revokes the tokens that enrol a worker; using them up is part of enrolling (TokensService). */
@Injectable()
export class EnrolmentsService {
  constructor(
    @Inject(EnrolmentsRepository) private readonly enrolments: EnrolmentsRepository,
    @Inject(Address) private readonly address: Address,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A token that works once and for 1 hour. */
  async create(createdBy: string): Promise<CreatedEnrolment> {
    const token = newToken('enrolment');
    const now = this.clock();
    const row = { id: newId('enrol', now), createdBy, createdAt: now, expiresAt: now + enrolmentMs };
    await this.enrolments.insert({ ...row, hash: hashToken(token) });
    return { ...toEnrolment(row), token, url: this.address.outside };
  }

  /** Those that can still be used, newest first. */
  async list(): Promise<Enrolment[]> {
    return (await this.enrolments.listLive(this.clock())).map(toEnrolment);
  }

  /** @throws AppError `enrolment_not_found`, also when it was used or has expired. */
  async revoke(id: string): Promise<void> {
    if (await this.enrolments.delete(id, this.clock())) return;
    throw new AppError('enrolment_not_found', `There is no enrolment ${id} that could still be used.`);
  }
}

function toEnrolment({ id, createdBy, createdAt, expiresAt }: Omit<EnrolmentRow, 'hash'>): Enrolment {
  const iso = (millis: number) => new Date(millis).toISOString();
  return { id, createdBy, createdAt: iso(createdAt), expiresAt: iso(expiresAt) };
}
