import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import type { Caller } from './caller.js';
import { EnrolmentsRepository } from './enrolments.repository.js';
import { KeysRepository } from './keys.repository.js';
import { KeysService } from './keys.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { lifeEnd, SessionsService } from './sessions.service.js';
import { RUN_SECRET } from './tokens.service.js';
import { hashToken, parseRunToken, tokenKind } from './tokens.js';
import { WorkerTokensRepository } from './worker-tokens.repository.js';

/** What a request shows to say who sent it. */
export interface Credentials {
  /** The Authorization header. It counts alone when both are there. */
  readonly authorization: string | undefined;
  /** The session cookie. */
  readonly cookie: string | undefined;
}

/** "Last used" is written at most this often per key, session or worker. */
const touchMs = 60_000;

/** Finds out who sent a request. */
@Injectable()
export class Authenticator {
  private readonly touchedAt = new Map<string, number>();

  constructor(
    @Inject(KeysService) private readonly keys: KeysService,
    @Inject(KeysRepository) private readonly keyRows: KeysRepository,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionsRepository) private readonly sessionRows: SessionsRepository,
    @Inject(EnrolmentsRepository) private readonly enrolments: EnrolmentsRepository,
    @Inject(WorkerTokensRepository) private readonly workerTokens: WorkerTokensRepository,
    @Inject(RUN_SECRET) private readonly runSecret: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `unauthenticated`, saying what is wrong with what was sent. */
  async identify({ authorization, cookie }: Credentials): Promise<Caller> {
    if (authorization !== undefined) return this.byToken(bearer(authorization));
    if (cookie !== undefined) return this.bySession(cookie);
    throw new AppError('unauthenticated', 'The request carries no key and no session.');
  }

  private async byToken(token: string): Promise<Caller> {
    const caller = await this.lookUp(token);
    if (caller !== null) return caller;
    throw new AppError('unauthenticated', 'This key or token does not exist, was revoked, was used up or has expired.');
  }

  private lookUp(token: string): Promise<Caller | null> | Caller | null {
    switch (tokenKind(token)) {
      case 'key':
        return this.byKey(token);
      case 'worker':
        return this.byWorkerToken(token);
      case 'enrolment':
        return this.byEnrolment(token);
      case 'run':
        return this.byRunToken(token);
      default:
        return null;
    }
  }

  private async byKey(secret: string): Promise<Caller | null> {
    const key = await this.keys.findLive(secret);
    if (key === null) return null;
    this.touch(key.id, (now) => this.keyRows.touch(key.id, now));
    return { kind: 'user', name: key.name, scope: key.scope, id: key.id };
  }

  private async bySession(token: string): Promise<Caller> {
    const live = await this.sessions.findLive(token);
    if (live === null) throw new AppError('unauthenticated', 'The session has ended.');
    const { session, key } = live;
    this.touch(session.id, (now) => this.sessionRows.touch(session.id, now, lifeEnd(key, now)));
    return { kind: 'user', name: session.name, scope: session.scope, id: session.id };
  }

  private async byWorkerToken(token: string): Promise<Caller | null> {
    const row = await this.workerTokens.findByHash(hashToken(token));
    if (row === null) return null;
    this.touch(row.id, (now) => this.workerTokens.touch(row.id, now));
    return { kind: 'worker', workerId: row.workerId };
  }

  /** It needs no row of its own, but its worker must still be one of ours. */
  private async byRunToken(token: string): Promise<Caller | null> {
    const grant = parseRunToken(this.runSecret, token);
    return grant !== null && (await this.workerTokens.hasOne(grant.workerId)) ? { kind: 'run', ...grant } : null;
  }

  private async byEnrolment(token: string): Promise<Caller | null> {
    const row = await this.enrolments.findByHash(hashToken(token));
    return row !== null && row.expiresAt > this.clock() ? { kind: 'enrolment', id: row.id } : null;
  }

  /** Notes the use without making the request wait for it. */
  private touch(id: string, write: (now: number) => Promise<void>): void {
    const now = this.clock();
    if (now - (this.touchedAt.get(id) ?? -Infinity) < touchMs) return;
    this.touchedAt.set(id, now);
    write(now).catch((error: unknown) => this.logger.debug('last use not noted', { id, error }));
  }
}

function bearer(authorization: string): string {
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  throw new AppError('unauthenticated', 'The Authorization header is not `Bearer` and a token.');
}
