// Opens real databases for tests: always SQLite, and PostgreSQL where TEST_POSTGRES_URL names a server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type Database, openDatabase } from '../database/database.js';
import type { DatabaseKind } from '../database/columns.js';

/** An empty place for a database. */
export interface TestDatabase {
  readonly kind: DatabaseKind;
  readonly url: string;
  /** Removes it. */
  drop(): Promise<void>;
}

let made = 0;

async function sqlitePlace(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'corch-db-'));
  return {
    kind: 'sqlite',
    url: `sqlite:${join(folder, 'corch.sqlite')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function postgresPlace(server: string): Promise<TestDatabase> {
  const name = `corch_test_${process.pid}_${Date.now().toString(36)}_${++made}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { kind: 'postgres', url: url.href, drop: () => administer(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(server: string, sql: string): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url: server, installExtensions: false }).initialize();
  try {
    await source.query(sql);
  } finally {
    await source.destroy();
  }
}

/** An empty place of the given kind; see {@link describeOnEachDatabase} for when PostgreSQL is available. */
export function emptyDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (kind === 'sqlite') return sqlitePlace();
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set');
  return postgresPlace(server);
}

/**
 * Describes `cases` once per engine. Without TEST_POSTGRES_URL the PostgreSQL half is skipped by name, and with CI=true that is a
 * failure.
 */
export function describeOnEachEngine(name: string, cases: (kind: DatabaseKind) => void): void {
  describe(`${name} (sqlite)`, () => cases('sqlite'));
  if (process.env['TEST_POSTGRES_URL'] !== undefined) {
    describe(`${name} (postgres)`, () => cases('postgres'));
    return;
  }
  describe(`${name} (postgres)`, () => {
    if (process.env['CI'] === 'true') {
      it('needs TEST_POSTGRES_URL', () => {
        throw new Error('CI=true, but TEST_POSTGRES_URL names no PostgreSQL server to test on');
      });
    } else {
      it.skip('skipped: TEST_POSTGRES_URL names no PostgreSQL server', () => undefined);
    }
  });
}

/** As {@link describeOnEachEngine}, with an open, migrated database that all cases share; dropped after the last one. */
export function describeOnEachDatabase(name: string, cases: (open: () => Database) => void): void {
  describeOnEachEngine(name, (kind) => {
    let place: TestDatabase;
    let database: Database;
    beforeAll(async () => {
      place = await emptyDatabase(kind);
      database = await openDatabase(place.url);
    });
    afterAll(async () => {
      await database.close();
      await place.drop();
    });
    cases(() => database);
  });
}
