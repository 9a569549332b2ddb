// Opens real databases for tests: always SQLite, and PostgreSQL where TEST_POSTGRES_URL names a server.
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Database, openDatabase } from '../database/database.js';
import type { DatabaseKind } from '../database/columns.js';
import { emptyDatabase, type TestDatabase } from './empty-database.js';

/**
 * Describes `cases` once per engine. Without TEST_POSTGRES_URL the PostgreSQL half is skipped by name, and with CI=true that is a
 * failure.
 */
export function describeOnEachEngine(name: string, cases: (kind: DatabaseKind) => void): void {
  describe(`${name} (sqlite)`, () => cases('sqlite'));
  describeOnPostgres(name, () => cases('postgres'));
}

/** The PostgreSQL half of {@link describeOnEachEngine}. */
export function describeOnPostgres(name: string, cases: () => void): void {
  if (process.env['TEST_POSTGRES_URL'] !== undefined) {
    describe(`${name} (postgres)`, cases);
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
