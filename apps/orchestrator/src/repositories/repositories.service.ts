import { Inject, Injectable } from '@nestjs/common';
import {
  apiOrigin,
  repositoryKey,
  repositoryOrigin,
  type AddRepository,
  type EditRepository,
  type Repository,
} from '@corch/contract';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import type { Logger } from '../common/logger.js';
import { CLOCK, LOGGER, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { isDuplicate } from '../database/store-faults.js';
import { SecretsRepository } from '../secrets/secrets.repository.js';
import { RepositoriesRepository } from './repositories.repository.js';
import type { RepositoryRow } from './repository.entity.js';
import { noSuch, urlHash } from './repository-rules.js';

/** Registered repositories, as admins keep them. */
@Injectable()
export class RepositoriesService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RepositoriesRepository) private readonly repositories: RepositoriesRepository,
    @Inject(SecretsRepository) private readonly secrets: SecretsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async list(): Promise<Repository[]> {
    return (await this.repositories.list(this.database.read)).map(toRepository);
  }

  /** @throws AppError `repository_not_found`. */
  async read(name: string): Promise<Repository> {
    return toRepository(await this.get(this.database.read, name));
  }

  /** @throws AppError `repository_exists`, saying which one has the name or the address. */
  async add(asked: z.output<typeof AddRepository>, by: string): Promise<Repository> {
    const now = this.clock();
    const row: RepositoryRow = {
      id: newId('repo', now),
      ...asked,
      urlHash: hashOf(asked.url),
      gitSecret: null,
      apiSecret: null,
      createdAt: now,
      updatedAt: now,
    };
    await this.orExists(row, () => this.database.write((manager) => this.repositories.insert(manager, row)));
    this.logger.info('repository added', { repository: row.name, url: row.url, trusted: row.trusted, by });
    return toRepository(row);
  }

  /** @throws AppError `repository_not_found`, `repository_exists` or `validation_failed`. */
  async edit(name: string, edit: EditRepository, by: string): Promise<Repository> {
    const row = await this.orExists({ name: undefined, url: edit.url }, () =>
      this.database.write(async (manager) => {
        const before = await this.get(manager, name, 'lock');
        const patch = { ...edit, ...(edit.url === undefined ? {} : { urlHash: hashOf(edit.url) }) };
        const after = { ...before, ...patch, updatedAt: this.clock() };
        await this.checkSecrets(manager, before, after);
        await this.repositories.update(manager, before.id, { ...patch, updatedAt: after.updatedAt });
        return after;
      }),
    );
    this.logger.info('repository changed', { repository: name, changed: Object.keys(edit), trusted: row.trusted, by });
    return toRepository(row);
  }

  /** @throws AppError `repository_not_found`. */
  async remove(name: string, by: string): Promise<void> {
    await this.database.write(async (manager) => {
      const { id } = await this.get(manager, name, 'lock');
      await this.repositories.delete(manager, id);
    });
    this.logger.info('repository removed', { repository: name, by });
  }

  /** Those of `urls` that are registered, by the address as it was asked for. */
  async byUrls(manager: EntityManager, urls: readonly string[]): Promise<Map<string, RepositoryRow>> {
    const hashes = new Map(urls.map((url) => [url, urlHash(url)]));
    const known = [...hashes.values()].filter((hash) => hash !== null);
    const rows = await this.repositories.findByUrlHashes(manager, [...new Set(known)]);
    return new Map(
      [...hashes].flatMap(([url, hash]) => {
        const row = rows.find(({ urlHash }) => urlHash === hash);
        return row === undefined ? [] : [[url, row] as const];
      }),
    );
  }

  /** @throws AppError `repository_not_found`, naming one that is spelled alike. */
  async get(manager: EntityManager, name: string, lock?: 'lock'): Promise<RepositoryRow> {
    const found = await (lock === undefined
      ? this.repositories.findByName(manager, name)
      : this.repositories.lockByName(manager, name));
    if (found !== null) return found;
    throw new AppError('repository_not_found', noSuch(name, await this.names(manager)));
  }

  findByName(manager: EntityManager, name: string): Promise<RepositoryRow | null> {
    return this.repositories.findByName(manager, name);
  }

  async names(manager: EntityManager): Promise<string[]> {
    return (await this.repositories.list(manager)).map((row) => row.name);
  }

  /** A secret is sent to the server that it was set for, and to no other. */
  private async checkSecrets(manager: EntityManager, before: RepositoryRow, after: RepositoryRow): Promise<void> {
    const names = (await this.secrets.list(manager, before.id)).map((row) => row.name);
    if (names.length > 0 && repositoryOrigin(before.url) !== repositoryOrigin(after.url)) {
      const message = `is on another server than ${repositoryOrigin(before.url)}, for which the secrets ${names.join(', ')} were set; remove those first`;
      throw invalid('url', message);
    }
    if (names.length > 0 && apiOrigin(before) !== apiOrigin(after)) {
      const message = `is on another server than ${apiOrigin(before)}, for which the secrets ${names.join(', ')} were set; remove those first`;
      throw invalid('apiUrl', message);
    }
    for (const field of ['gitSecret', 'apiSecret'] as const) {
      const name = after[field];
      if (name === null || name === before[field]) continue;
      if (!names.includes(name)) throw invalid(field, `is ${name}, and ${before.name} has no secret of that name`);
    }
    if (after.gitSecret !== null && after.url !== before.url) demandPasswords(after.url);
  }

  private async orExists<T>(
    wanted: { name: string | undefined; url: string | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const rows = await this.repositories.list(this.database.read);
      const hash = wanted.url === undefined ? null : urlHash(wanted.url);
      const sameUrl = rows.find((row) => row.urlHash === hash);
      const what =
        sameUrl !== undefined && sameUrl.name !== wanted.name
          ? `${repositoryKey(sameUrl.url)} is registered already, as ${sameUrl.name}.`
          : `There is a repository ${wanted.name ?? ''} already.`;
      throw new AppError('repository_exists', what);
    }
  }
}

/** @throws AppError `validation_failed` for an ssh address, where git is not asked for a password. */
export function demandPasswords(url: string): void {
  if (!repositoryKey(url).startsWith('ssh:')) return;
  throw invalid('uses', 'cannot hold git for an ssh address: there the keys of the worker count');
}

export function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `\`${field}\` ${message}.`, {
    errors: [{ pointer: `/${field}`, code: 'custom', message }],
  });
}

function hashOf(url: string): string {
  const hash = urlHash(url);
  if (hash === null) throw new TypeError('the contract lets no such address through');
  return hash;
}

function toRepository(row: RepositoryRow): Repository {
  const { id, name, url, defaultBranch, trusted, gitSecret, apiSecret, apiUrl, branchTemplate, defaults } = row;
  return {
    ...{ id, name, url, defaultBranch, trusted, gitSecret, apiSecret, apiUrl, branchTemplate, defaults },
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
  };
}
