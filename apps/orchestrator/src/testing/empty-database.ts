// Places for real databases; apart from `databases.ts`, as programs that tests start have no Jest.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
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

/** An empty place of the given kind; `describeOnEachEngine` knows when PostgreSQL is available. */
export function emptyDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (kind === 'sqlite') return sqlitePlace();
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set');
  return postgresPlace(server);
}
