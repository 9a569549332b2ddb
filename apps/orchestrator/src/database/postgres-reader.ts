import type { PostgresClient, PostgresResult } from './postgres-client.js';
import type { Session } from './session.js';

interface Question {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly answer: (result: Promise<PostgresResult>) => void;
  readonly fail: (error: unknown) => void;
}

/** A line that died without a word must not hold everybody up until the system notices, which takes it a quarter of an hour. */
const patienceMs = 30_000;

/**
 * Short reads of committed rows for everybody, on one connection: while some are under way others gather, and leave in one packet.
 * So the more there is to do the less a read costs.
 */
export class PostgresReader implements Session {
  private questions: Question[] = [];
  private isAsking = false;
  private client: Promise<PostgresClient> | undefined;
  private isClosed = false;

  constructor(private readonly take: () => Promise<PostgresClient>) {}

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.ask(sql, parameters)).rows as Row[];
  }

  async change(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    return (await this.ask(sql, parameters)).rowCount ?? 0;
  }

  send(): never {
    throw new Error('what is only read has nothing to send');
  }

  sendOne(): never {
    return this.send();
  }

  /** Gives the connection back. */
  async close(): Promise<void> {
    this.isClosed = true;
    const client = await this.client?.catch(() => undefined);
    await client?.runner.release();
  }

  private ask(sql: string, parameters: readonly unknown[]): Promise<PostgresResult> {
    return new Promise((answer, fail) => {
      this.questions.push({ sql, parameters, answer, fail });
      if (this.isAsking) return;
      this.isAsking = true;
      // What else is asked for in this go of the event loop comes along.
      process.nextTick(() => void this.askAll());
    });
  }

  private async askAll(): Promise<void> {
    while (this.questions.length > 0) {
      const questions = this.questions;
      this.questions = [];
      try {
        const client = await this.connected();
        const patience = setTimeout(() => client.giveUp(), patienceMs).unref();
        await Promise.allSettled(
          questions.map(({ sql, parameters, answer }) => {
            const result = client.query(sql, parameters);
            answer(result);
            return result;
          }),
        );
        clearTimeout(patience);
      } catch (error) {
        for (const { fail } of questions) fail(error);
      }
    }
    this.isAsking = false;
  }

  private connected(): Promise<PostgresClient> {
    if (this.isClosed) throw new Error('the database is closed');
    if (this.client !== undefined) return this.client;
    const taken = this.take();
    this.client = taken;
    const forget = () => {
      if (this.client === taken) this.client = undefined;
    };
    taken.then((client) => client.onEnd(forget), forget);
    return taken;
  }
}
