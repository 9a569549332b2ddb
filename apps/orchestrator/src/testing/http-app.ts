// The whole application on a database of its own, asked through Fastify's inject.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Scope } from '@corch/contract';
import { KeysService } from '../auth/keys.service.js';
import { Lifecycle } from '../common/lifecycle.js';
import type { Surroundings } from '../common/common.module.js';
import type { Fields, Logger } from '../common/logger.js';
import { readConfig } from '../config.js';
import type { DatabaseKind } from '../database/columns.js';
import { createApp } from '../http-app.js';
import { emptyDatabase } from './databases.js';

export interface TestAppOptions {
  readonly kind?: DatabaseKind;
  readonly env?: Record<string, string>;
  /** Instead of the whole application. */
  readonly module?: (surroundings: Surroundings) => DynamicModule;
}

export interface LogLine extends Fields {
  readonly level: keyof Logger;
  readonly sentence: string;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  /** Epoch milliseconds; move it to let time pass. */
  readonly clock: { now: number };
  readonly log: LogLine[];
  readonly dataDir: string;
  /** A new API key of a scope. */
  key(scope: Scope): Promise<string>;
  close(): Promise<void>;
}

export async function openTestApp({ kind = 'sqlite', env = {}, module }: TestAppOptions = {}): Promise<TestApp> {
  const place = await emptyDatabase(kind);
  const dataDir = await mkdtemp(join(tmpdir(), 'corch-data-'));
  const clock = { now: Date.now() };
  const log: LogLine[] = [];
  const note = (level: keyof Logger) => (sentence: string, fields?: Fields) =>
    void log.push({ level, sentence, ...fields });
  const surroundings: Surroundings = {
    config: readConfig({ DATABASE_URL: place.url, DATA_DIR: dataDir, NODE_ENV: 'test', ...env }, []),
    logger: { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') },
    clock: () => clock.now,
  };
  const app = await createApp(surroundings, module?.(surroundings));
  app.get(Lifecycle).state = 'ready';
  return {
    app,
    clock,
    log,
    dataDir,
    key: async (scope) => (await app.get(KeysService).create({ name: `test ${scope}`, scope })).key,
    close: async () => {
      await app.close();
      await place.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The header of an API key or token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
