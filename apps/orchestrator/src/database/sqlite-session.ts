import { queryFailed, type Session } from './session.js';
import type { SqliteConnection } from './sqlite-driver.js';

/** Statements on one connection to a SQLite file; each is done before the call returns. */
export class SqliteSession implements Session {
  constructor(private readonly connection: SqliteConnection) {}

  rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return settled(() => this.explained(sql, parameters, () => this.connection.rows<Row>(sql, parameters)));
  }

  change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return settled(() => this.explained(sql, parameters, () => this.connection.change(sql, parameters)));
  }

  send(sql: string, parameters: readonly unknown[] = []): void {
    this.explained(sql, parameters, () => this.connection.change(sql, parameters));
  }

  sendOne(sql: string, parameters: readonly unknown[]): void {
    const changed = this.explained(sql, parameters, () => this.connection.change(sql, parameters));
    if (changed !== 1) throw new Error(`${changed} rows were changed, and not one, by: ${sql}`);
  }

  private explained<T>(sql: string, parameters: readonly unknown[], run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw queryFailed(sql, parameters, error);
    }
  }
}

/** Done at once, so that statements keep their order; what fails is a rejection, as on PostgreSQL. */
function settled<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}
