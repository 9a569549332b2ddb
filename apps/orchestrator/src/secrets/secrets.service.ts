import { Inject, Injectable } from '@nestjs/common';
import { secretUses, type RunSecret, type Secret, type SecretUse, type SetSecret } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import { AppError } from '../common/app-error.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesRepository } from '../repositories/repositories.repository.js';
import { demandPasswords, RepositoriesService } from '../repositories/repositories.service.js';
import type { RepositoryRow } from '../repositories/repository.entity.js';
import { open, seal } from './seal.js';
import { SecretKeys, type SecretKey } from './secret-key.js';
import type { SecretRow } from './secret.entity.js';
import { SecretsRepository } from './secrets.repository.js';

/** The column that names the secret of a use. */
const fieldOf = { git: 'gitSecret', api: 'apiSecret' } as const satisfies Record<SecretUse, keyof RepositoryRow>;

/** Servers that take tokens accept any name beside them; GitHub's own documentation uses this one. */
const anyName = 'x-access-token';

/** The secrets of repositories: set and removed by admins, handed to nobody but the worker that holds a run. */
@Injectable()
export class SecretsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(RepositoriesRepository) private readonly repositoryRows: RepositoriesRepository,
    @Inject(SecretsRepository) private readonly secrets: SecretsRepository,
    @Inject(SecretKeys) private readonly keys: SecretKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError `repository_not_found`. */
  async list(repository: string): Promise<Secret[]> {
    const row = await this.repositories.get(this.database.read, repository);
    const keyId = await this.keyIdAtHand();
    return (await this.secrets.list(this.database.read, row.id)).map((secret) => toSecret(row, secret, keyId));
  }

  /**
   * Seals and stores a value, and says what the repository uses it for.
   * @throws AppError `repository_not_found`, `secret_key_unfit` or `validation_failed`.
   */
  async set(repository: string, name: string, asked: SetSecret, by: string): Promise<Secret> {
    if (asked.uses?.includes('git')) {
      demandPasswords((await this.repositories.get(this.database.read, repository)).url);
    }
    const key = await this.keyForSealing();
    const now = this.clock();
    const { row, secret } = await this.database.write(async (manager) => {
      const before = await this.repositories.get(manager, repository, 'lock');
      await this.demandOneKey(manager, key);
      const existing = await this.secrets.find(manager, before.id, name);
      const secret: SecretRow = {
        repositoryId: before.id,
        name,
        username: asked.username ?? null,
        sealed: seal(key.key, placeOf(before, name), asked.value),
        keyId: key.id,
        createdAt: existing?.createdAt ?? now,
        updatedAt: now,
        updatedBy: by,
      };
      await this.secrets.save(manager, secret);
      const patch = { ...usesPatch(before, name, asked.uses), updatedAt: now };
      await this.repositoryRows.update(manager, before.id, patch);
      return { row: { ...before, ...patch }, secret };
    });
    const shown = toSecret(row, secret, key.id);
    this.logger.info('secret set', { repository, name, uses: shown.uses, keyId: key.id, by });
    return shown;
  }

  /** @throws AppError `repository_not_found` or `secret_not_found`. */
  async remove(repository: string, name: string, by: string): Promise<void> {
    await this.database.write(async (manager) => {
      const row = await this.repositories.get(manager, repository, 'lock');
      if (await this.secrets.delete(manager, row.id, name)) return;
      throw new AppError('secret_not_found', `The repository ${repository} has no secret ${name}.`);
    });
    this.logger.info('secret removed', { repository, name, by });
  }

  /**
   * A secret in the clear, for the worker that holds a run of the repository.
   * @throws AppError `secret_not_found` or `secret_key_unfit`, saying what to do.
   */
  async reveal(row: RepositoryRow, use: SecretUse): Promise<RunSecret> {
    const name = row[fieldOf[use]];
    if (name === null) throw new AppError('secret_not_found', `The repository ${row.name} uses no secret for ${use}.`);
    const secret = await this.secrets.find(this.database.read, row.id, name);
    const again = `Set it again with \`corch secret set ${row.name} ${name}\``;
    if (secret === null) {
      throw new AppError('secret_not_found', `The secret ${name} of the repository ${row.name} was removed.`, {
        hint: `${again}, or stop using it with \`corch repo set ${row.name} --no-${use}-secret\`.`,
      });
    }
    const key = await this.keys.current();
    if (key?.id !== secret.keyId) {
      const what = key === null ? 'is missing' : 'is another one';
      const detail = `The secret ${name} of the repository ${row.name} cannot be read: the key that it was sealed with ${what}.`;
      throw this.keys.unfit(detail, `Bring the key back (SECRET_KEY, or ${this.keys.file}). ${again} if it is lost.`);
    }
    const value = unseal(key, row, secret);
    if (value === null) {
      const detail = `The secret ${name} of the repository ${row.name} is damaged in the database.`;
      throw this.keys.unfit(detail, `${again}.`);
    }
    return { username: secret.username ?? anyName, value };
  }

  private async keyIdAtHand(): Promise<string | null> {
    const key = await this.keys.current().catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    return key?.id ?? null;
  }

  /** Never makes a new key while something is sealed with a lost one: that would only hide the loss. */
  private async keyForSealing(): Promise<SecretKey> {
    const key = await this.keys.current();
    if (key !== null) return key;
    const lost = await this.secrets.sealedOtherwise(this.database.read, null);
    if (lost.length > 0) throw this.otherKey('is missing', lost);
    return this.keys.make();
  }

  private async demandOneKey(manager: EntityManager, key: SecretKey): Promise<void> {
    const others = await this.secrets.sealedOtherwise(manager, key.id);
    if (others.length > 0) throw this.otherKey('is another one than this orchestrator has', others);
  }

  private otherKey(what: string, secrets: readonly string[]): AppError {
    const shown =
      secrets.length > 5 ? `${secrets.slice(0, 5).join(', ')} and ${secrets.length - 5} more` : secrets.join(', ');
    return this.keys.unfit(
      `The key that ${shown} ${secrets.length === 1 ? 'was' : 'were'} sealed with ${what}.`,
      `Bring it back: SECRET_KEY, the same for every orchestrator, or ${this.keys.file}. If it is lost, remove those secrets with \`corch secret rm\` and set them anew.`,
    );
  }
}

function unseal({ key }: SecretKey, row: RepositoryRow, secret: SecretRow): string | null {
  try {
    return open(key, placeOf(row, secret.name), secret.sealed);
  } catch {
    return null;
  }
}

/** What a sealed text is bound to. */
function placeOf({ id }: RepositoryRow, name: string): string {
  return `${id}/${name}`;
}

/** Which uses point at the secret afterwards. Without a wish it serves what has no secret yet. */
function usesPatch(row: RepositoryRow, name: string, uses: readonly SecretUse[] | undefined): Partial<RepositoryRow> {
  const isSsh = !/^https?:/.test(row.url);
  return Object.fromEntries(
    secretUses.flatMap((use): [string, string | null][] => {
      const now = row[fieldOf[use]];
      if (uses === undefined) return now === null && !(use === 'git' && isSsh) ? [[fieldOf[use], name]] : [];
      if (uses.includes(use)) return [[fieldOf[use], name]];
      return now === name ? [[fieldOf[use], null]] : [];
    }),
  );
}

function toSecret(row: RepositoryRow, secret: SecretRow, keyId: string | null): Secret {
  return {
    repository: row.name,
    name: secret.name,
    username: secret.username,
    uses: secretUses.filter((use) => row[fieldOf[use]] === secret.name),
    readable: secret.keyId === keyId,
    createdAt: new Date(secret.createdAt).toISOString(),
    updatedAt: new Date(secret.updatedAt).toISOString(),
    updatedBy: secret.updatedBy,
  };
}
