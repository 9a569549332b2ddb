import { Inject, Injectable } from '@nestjs/common';
import type { Session, SignInLink } from '@corch/contract';
import { Address } from '../common/address.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import type { ApiKeyRow } from './api-key.entity.js';
import type { CallerOf } from './caller.js';
import { KeysRepository } from './keys.repository.js';
import { isLive, KeysService } from './keys.service.js';
import type { SessionRow } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';
import { hashToken, newToken, tokenKind } from './tokens.js';

/** A session ends when it was not used for this long. */
export const sessionMs = 30 * 86_400_000;
const linkMs = 10 * 60_000;

/** Signs browsers in and out. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(SessionsRepository) private readonly sessions: SessionsRepository,
    @Inject(KeysRepository) private readonly keyRows: KeysRepository,
    @Inject(KeysService) private readonly keys: KeysService,
    @Inject(Address) private readonly address: Address,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A link that works once and for 10 minutes. The token stands behind `#`, which browsers send to nobody. */
  async createLink(keyId: string): Promise<SignInLink> {
    const token = newToken('link');
    const now = this.clock();
    const expiresAt = now + linkMs;
    await this.sessions.insertLink({
      id: newId('link', now),
      hash: hashToken(token),
      keyId,
      createdAt: now,
      expiresAt,
    });
    return { url: `${this.address.base}/sign-in#link=${token}`, expiresAt: new Date(expiresAt).toISOString() };
  }

  /**
   * Trades a link or an API key for a session; `token` goes into the cookie.
   * @throws AppError `link_used` or `unauthenticated`.
   */
  async open(by: { link: string } | { key: string }): Promise<{ token: string; session: Session }> {
    const key = 'link' in by ? await this.keyOfLink(by.link) : await this.keys.findLive(by.key);
    if (key === null) throw new AppError('unauthenticated', 'This key does not exist, was revoked or has expired.');
    const token = newToken('session');
    const now = this.clock();
    const row: SessionRow = {
      id: newId('sess', now),
      hash: hashToken(token),
      keyId: key.id,
      name: key.name,
      scope: key.scope,
      createdAt: now,
      expiresAt: lifeEnd(key, now),
      lastUsedAt: now,
    };
    await this.sessions.insert(row);
    return { token, session: toSession(row) };
  }

  /** The session of a cookie, with the key that it stands on, when both work now; else null. */
  async findLive(token: string): Promise<{ session: SessionRow; key: ApiKeyRow } | null> {
    if (tokenKind(token) !== 'session') return null;
    const now = this.clock();
    const session = await this.sessions.findByHash(hashToken(token));
    if (session === null || session.expiresAt <= now) return null;
    const key = await this.keyRows.findById(session.keyId);
    return key !== null && isLive(key, now) ? { session, key } : null;
  }

  /** Who the caller is, as people see it. */
  async describe(caller: CallerOf<'user'>): Promise<Session> {
    const session = await this.sessions.findById(caller.id);
    if (session !== null) return toSession(session);
    const key = await this.keyRows.findById(caller.id);
    const expiresAt = key?.expiresAt ?? null;
    return {
      name: caller.name,
      scope: caller.scope,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    };
  }

  /** Ends a session. With a key instead there is nothing to end. */
  async close(id: string): Promise<void> {
    await this.sessions.delete(id);
  }

  /** The key that a caller acts by: its own, or the one behind its session. */
  async keyIdOf(caller: CallerOf<'user'>): Promise<string> {
    return (await this.sessions.findById(caller.id))?.keyId ?? caller.id;
  }

  private async keyOfLink(token: string): Promise<ApiKeyRow> {
    const link = tokenKind(token) === 'link' ? await this.sessions.takeLink(hashToken(token)) : null;
    const now = this.clock();
    const key = link === null || link.expiresAt <= now ? null : await this.keyRows.findById(link.keyId);
    if (key === null || !isLive(key, now)) {
      throw new AppError('link_used', 'This link was used before, is older than 10 minutes, or was never made here.');
    }
    return key;
  }
}

/** When a session that is used now ends: never after its key. */
export function lifeEnd(key: Pick<ApiKeyRow, 'expiresAt'>, now: number): number {
  return Math.min(now + sessionMs, key.expiresAt ?? Infinity);
}

function toSession(row: SessionRow): Session {
  return { name: row.name, scope: row.scope, expiresAt: new Date(row.expiresAt).toISOString() };
}
