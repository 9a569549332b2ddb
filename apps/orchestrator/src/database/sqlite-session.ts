import { QueryFailedError } from 'typeorm';
import type { Session } from './session.js';
import type { SqliteConnection } from './sqlite-driver.js';

/** Statements on one connection to a SQLite file; each is done before the call returns. */
export class SqliteSession implements Session {
  constructor(private readonly connection: SqliteConnection) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- what fails is a rejection, as on PostgreSQL
  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.explained(sql, parameters, () => this.connection.rows<Row>(sql, parameters));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.explained(sql, parameters, () => this.connection.change(sql, parameters));
  }

  send(sql: string, parameters: readonly unknown[] = []): void {
    this.explained(sql, parameters, () => this.connection.change(sql, parameters));
  }

  private explained<T>(sql: string, parameters: readonly unknown[], run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new QueryFailedError(sql, [...parameters], error instanceof Error ? error : new Error(String(error)));
    }
  }
}
