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
import { scopeFields } from '../common/request-scope.js';
import { readConfig } from '../config.js';
import type { DatabaseKind } from '../database/columns.js';
import { createApp } from '../http-app.js';
import { freshDatabase } from './fresh-database.js';

export interface TestAppOptions {
  readonly kind?: DatabaseKind;
  readonly env?: Record<string, string>;
  /** Instead of the whole application. */
  readonly module?: (surroundings: Surroundings) => DynamicModule;
  /** A second one on the database and the clock of this one, which is closed last. */
  readonly beside?: Pick<TestApp, 'databaseUrl' | 'clock'>;
}

export interface LogLine extends Fields {
  readonly level: keyof Logger;
  readonly sentence: string;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  /** Epoch milliseconds; move it to let time pass. `setBy`: how much of that was somebody who set the clock. */
  readonly clock: { now: number; setBy?: number };
  readonly log: LogLine[];
  readonly dataDir: string;
  readonly databaseUrl: string;
  /** A new API key of a scope. */
  key(scope: Scope): Promise<string>;
  close(): Promise<void>;
}

export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { kind = 'sqlite', env = {}, module, beside } = options;
  const place = beside === undefined ? await freshDatabase(kind) : { url: beside.databaseUrl, drop: noDrop };
  const dataDir = await mkdtemp(join(tmpdir(), 'corch-data-'));
  const clock: TestApp['clock'] = beside?.clock ?? { now: Date.now() };
  const startedAt = clock.now;
  let looks = 0;
  const log: LogLine[] = [];
  const note = (level: keyof Logger) => (sentence: string, fields?: Fields) =>
    void log.push({ level, sentence, ...scopeFields(), ...fields });
  const surroundings: Surroundings = {
    config: readConfig({ DATABASE_URL: place.url, DATA_DIR: dataDir, NODE_ENV: 'test', ...env }, []),
    logger: { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') },
    clock: () => clock.now,
    // It only goes on, and in fractions, as `performance.now()` does.
    monotonic: () => clock.now - startedAt - (clock.setBy ?? 0) + looks++ / 1e6,
  };
  const app = await createApp(surroundings, module?.(surroundings));
  app.get(Lifecycle).state = 'ready';
  return {
    app,
    clock,
    log,
    dataDir,
    databaseUrl: place.url,
    key: async (scope) => (await app.get(KeysService).create({ name: `test ${scope}`, scope })).key,
    close: async () => {
      await app.close();
      await place.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const noDrop = () => Promise.resolve();

/** The header of an API key or token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
