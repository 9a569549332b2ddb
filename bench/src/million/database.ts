import { join } from 'node:path';
import Libsql from 'libsql';
import pg from 'pg';

/** Plain SQL on the database of an orchestrator, by the driver that it uses itself. */
export interface PlainSql {
  readonly kind: 'sqlite' | 'postgres';
  all(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Opens the database of an orchestrator by its environment and data folder. */
export async function openPlainSql(url: string | undefined, dataFolder: string): Promise<PlainSql> {
  if (url === undefined) {
    const database = new Libsql(join(dataFolder, 'corch.sqlite'), { timeout: 60_000 });
    return {
      kind: 'sqlite',
      all(sql) {
        const statement = database.prepare(sql);
        if (statement.reader) return Promise.resolve(statement.all([]) as Record<string, unknown>[]);
        statement.run([]);
        return Promise.resolve([]);
      },
      close() {
        database.close();
        return Promise.resolve();
      },
    };
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    kind: 'postgres',
    all: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    close: () => client.end(),
  };
}
