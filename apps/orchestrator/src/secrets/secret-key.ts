// The key of the secrets lies outside the database: in the environment, or in a file of the data folder.
import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { Logger } from '../common/logger.js';
import { CONFIG, LOGGER } from '../common/tokens.js';
import type { Config } from '../config.js';
import { keyBytes, keyIdOf } from './seal.js';

export interface SecretKey {
  readonly key: Buffer;
  readonly id: string;
}

/** Finds the key, and makes it when it is needed for the first time. */
@Injectable()
export class SecretKeys {
  private making: Promise<SecretKey> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Where the key is, or would be. */
  get file(): string {
    return join(this.config.dataDir, 'secret.key');
  }

  /** Null when there is none yet. Read anew each time: somebody may bring a lost file back. */
  async current(): Promise<SecretKey | null> {
    const { secretKey } = this.config;
    if (secretKey !== undefined) return toKey(secretKey);
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw this.unfit(`The file ${this.file} with the key of the secrets cannot be read (${error.code}).`);
    });
    if (text === null) return null;
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length === keyBytes) return toKey(key);
    throw this.unfit(
      `The file ${this.file} holds no key of ${keyBytes} bytes as base64.`,
      'Bring it back from a backup.',
    );
  }

  /**
   * Makes the file of the key.
   * @throws AppError `secret_key_unfit` where other orchestrators could not read what is sealed with it.
   */
  async make(): Promise<SecretKey> {
    if (this.config.redisUrl !== undefined) {
      throw this.unfit(
        'Several orchestrators may share this database, and SECRET_KEY is not set: what this one would seal with a key of its own, the others could not read.',
        'Make a key once with `openssl rand -base64 32`, start every orchestrator with it as SECRET_KEY, and set the secret again.',
      );
    }
    this.making ??= this.write().finally(() => (this.making = undefined));
    return this.making;
  }

  unfit(detail: string, hint?: string): AppError {
    return new AppError('secret_key_unfit', detail, hint === undefined ? {} : { hint });
  }

  /** On the disk before anything is sealed with it; a file that is there already stays. */
  private async write(): Promise<SecretKey> {
    const draft = `${this.file}.${randomUUID()}`;
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await link(draft, this.file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await syncFolder(this.config.dataDir);
    } finally {
      await rm(draft, { force: true });
    }
    const made = await this.current();
    if (made === null) throw new Error(`${this.file} was written and is not there`);
    this.logger.info('key of the secrets made', { file: this.file, keyId: made.id });
    return made;
  }
}

function toKey(key: Buffer): SecretKey {
  return { key, id: keyIdOf(key) };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
