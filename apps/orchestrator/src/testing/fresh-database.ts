// To make a PostgreSQL database with all its tables takes longer than most tests do, so those of a test file are used again.
import { DataSource } from 'typeorm';
import type { DatabaseKind } from '../database/columns.js';
import { emptyDatabase, type TestDatabase } from './empty-database.js';

/** Migrated, and emptied since. */
const spare: TestDatabase[] = [];
/** Missing in programs that tests start, which have no Jest and use one database. */
const { afterAll } = globalThis as { afterAll?: (end: () => Promise<void>) => void };
afterAll?.(async () => {
  for (const place of spare.splice(0)) await place.drop();
});

/** A place for a database in which nothing is stored; its tables may be there already. */
export async function freshDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite' || afterAll === undefined) return emptyDatabase(kind);
  const place = spare.pop() ?? (await emptyDatabase(kind));
  return {
    ...place,
    drop: async () => {
      await empty(place.url);
      spare.push(place);
    },
  };
}

/** Leaves what the migrations leave. */
async function empty(url: string): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url, installExtensions: false }).initialize();
  try {
    await source.query(emptying);
  } finally {
    await source.destroy();
  }
}

const emptying = `DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'migrations');
  INSERT INTO pools (name, paused, created_at) VALUES ('default', false, 0);
END $$`;
