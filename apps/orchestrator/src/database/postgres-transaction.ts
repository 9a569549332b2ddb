import type { PostgresClient, PostgresResult } from './postgres-client.js';
import type { Session } from './session.js';
import { isAnswered } from './store-faults.js';

/** Told of the end of a transaction, since what happens when its connection breaks depends on it. */
export interface CommitWatch {
  /** From now on nobody knows what was kept, should the connection break. */
  begins(): void;
  /** The server has said that nothing was kept. */
  fails(): void;
}

/** A transaction on a connection of its own. Statements travel with those that follow, and COMMIT with the last ones. */
export class PostgresTransaction implements Session {
  private readonly begun: Promise<unknown>;
  /** What failed first; what follows fails only since the transaction is lost. */
  private failure: Error | undefined;

  constructor(private readonly client: PostgresClient) {
    this.begun = this.ask('BEGIN ISOLATION LEVEL READ COMMITTED', []);
    this.begun.catch(() => undefined);
    client.inTransaction();
  }

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.ask(sql, parameters)).rows as Row[];
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return (await this.ask(sql, parameters)).rowCount ?? 0;
  }

  send(sql: string, parameters: readonly unknown[] = []): void {
    // Whoever waits for an answer next, and at the latest COMMIT, is told.
    this.ask(sql, parameters).catch(() => undefined);
  }

  sendOne(sql: string, parameters: readonly unknown[]): void {
    // None, or several, end the transaction by an error of the server, before COMMIT, which is perhaps on its way already.
    this.send(
      `WITH changed AS (${sql} RETURNING 1) SELECT 1 / (CASE count(*) WHEN 1 THEN 1 ELSE 0 END) FROM changed`,
      parameters,
    );
  }

  /** Why the transaction is lost, for somebody who has perhaps heard only that it is. */
  causeOf(error: unknown): unknown {
    return this.failure ?? error;
  }

  /** @throws what failed first, then nothing is kept. */
  async commit(watch: CommitWatch): Promise<void> {
    // A connection that has not answered yet may have been dead all along; then everything can be done again on another.
    await this.begun;
    watch.begins();
    const committed = await this.client.query('COMMIT', []).catch((error: unknown) => {
      throw this.causeOf(error);
    });
    if (this.failure !== undefined) {
      if (isAnswered(this.failure)) watch.fails();
      throw this.failure;
    }
    if (committed.command !== 'COMMIT')
      throw new Error('a statement has failed unheard, so the transaction was undone');
  }

  async rollback(): Promise<void> {
    await this.client.query('ROLLBACK', []);
  }

  private async ask(sql: string, parameters: readonly unknown[]): Promise<PostgresResult> {
    try {
      return await this.client.query(sql, parameters);
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      throw this.failure;
    }
  }
}
