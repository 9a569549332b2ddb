import type { DataSource, QueryRunner } from 'typeorm';
import { queryFailed } from './session.js';

export interface PostgresResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** The part of a client of `pg` that is used here. */
interface Client {
  readonly connection: { readonly stream: { cork(): void; uncork(): void; destroy(error: Error): void } };
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
  once(event: 'error' | 'end', listener: () => void): void;
}

/**
 * One connection out of the pool. It sends without waiting for the answers to what was sent before, and what is asked for in one go
 * of the event loop in one packet: to send costs more than most statements do.
 */
export class PostgresClient {
  private isGathering = false;

  private constructor(
    readonly runner: QueryRunner,
    private readonly client: Client,
  ) {}

  static async take(source: DataSource): Promise<PostgresClient> {
    const runner = source.createQueryRunner();
    const client: unknown = await runner.connect();
    if (!isClient(client)) throw new Error('the driver of PostgreSQL handed over something that is no client of pg');
    return new PostgresClient(runner, client);
  }

  /** @throws QueryFailedError as TypeORM does. */
  async query(sql: string, parameters: readonly unknown[]): Promise<PostgresResult> {
    this.gather();
    try {
      return await this.client.query(sql, [...parameters]);
    } catch (error) {
      throw queryFailed(sql, parameters, error);
    }
  }

  /** Lets TypeORM know that a transaction was begun; it refuses to lock rows otherwise. */
  inTransaction(): void {
    Object.assign(this.runner, { isTransactionActive: true });
  }

  onEnd(listener: () => void): void {
    this.client.once('error', listener);
    this.client.once('end', listener);
  }

  /** Breaks the connection; whoever waits for an answer is told so. */
  giveUp(): void {
    this.client.connection.stream.destroy(new Error('Connection terminated unexpectedly'));
  }

  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.isGathering = false;
      stream.uncork();
    });
  }
}

function isClient(value: unknown): value is Client {
  return typeof value === 'object' && value !== null && 'query' in value && 'connection' in value;
}
