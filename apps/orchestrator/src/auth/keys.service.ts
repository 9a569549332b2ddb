import { Inject, Injectable } from '@nestjs/common';
import type { CreatedKey, Key, Scope } from '@corch/contract';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import type { ApiKeyRow } from './api-key.entity.js';
import { KeysRepository } from './keys.repository.js';
import { displayPrefix, hashToken, newToken, tokenKind } from './tokens.js';

export interface NewKey {
  readonly name: string;
  readonly scope: Scope;
  readonly expiresAt?: string;
}

/** Makes, lists and revokes API keys. */
@Injectable()
export class KeysService {
  constructor(
    @Inject(KeysRepository) private readonly keys: KeysRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<Key[]> {
    return (await this.keys.list()).map(toKey);
  }

  /** @throws AppError `validation_failed` for a time of expiry that is past. */
  async create({ name, scope, expiresAt }: NewKey): Promise<CreatedKey> {
    const now = this.clock();
    const expires = expiresAt === undefined ? null : Date.parse(expiresAt);
    if (expires !== null && expires <= now) {
      const message = 'must be in the future';
      throw new AppError('validation_failed', `\`expiresAt\` ${message}.`, {
        errors: [{ pointer: '/expiresAt', code: 'custom', message }],
      });
    }
    const key = newToken('key');
    const row: ApiKeyRow = {
      id: newId('key', now),
      name,
      scope,
      prefix: displayPrefix(key),
      hash: hashToken(key),
      createdAt: now,
      expiresAt: expires,
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.keys.insert(row);
    return { ...toKey(row), key };
  }

  /** @throws AppError `key_not_found`. */
  async revoke(id: string): Promise<void> {
    if (await this.keys.revoke(id, this.clock())) return;
    throw new AppError('key_not_found', `There is no key ${id}.`);
  }

  /** The key of a secret when it works now, else null. */
  async findLive(secret: string): Promise<ApiKeyRow | null> {
    if (tokenKind(secret) !== 'key') return null;
    const row = await this.keys.findByHash(hashToken(secret));
    return row !== null && isLive(row, this.clock()) ? row : null;
  }
}

/** Whether a key works at a time. */
export function isLive(key: Pick<ApiKeyRow, 'revokedAt' | 'expiresAt'>, now: number): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
}

function toKey(row: ApiKeyRow): Key {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    prefix: row.prefix,
    createdAt: new Date(row.createdAt).toISOString(),
    expiresAt: toTimestamp(row.expiresAt),
    lastUsedAt: toTimestamp(row.lastUsedAt),
    revokedAt: toTimestamp(row.revokedAt),
  };
}

function toTimestamp(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}
