import { isNativeError } from 'node:util/types';
import { QueryFailedError, type EntityManager } from 'typeorm';

/**
 * Where statements of constant text go: into one transaction, or to committed rows. In both engines `$1`, `$2` … stand for parameters.
 * It is for what every run passes; the rest takes TypeORM's query builder, by the manager that the session belongs to.
 */
export interface Session {
  /**
   * The rows that a statement answers with. What is asked for before the event loop goes on travels together.
   * @throws QueryFailedError as TypeORM does.
   */
  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** How many rows a statement has changed. */
  change(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Has a statement done whose answer nobody needs, without a wait for it. When it fails, the transaction does. */
  send(sql: string, parameters?: readonly unknown[]): void;
  /** As {@link send} of an UPDATE; the transaction fails, too, unless it changes exactly one row. */
  sendOne(sql: string, parameters: readonly unknown[]): void;
}

/**
 * What a driver has thrown, as TypeORM throws it, with its code: pg's errors can be of another realm, and libsql's `SqliteError`
 * has Error as its prototype without being a native one.
 */
export function queryFailed(sql: string, parameters: readonly unknown[], error: unknown): QueryFailedError {
  const isError = error instanceof Error || isNativeError(error);
  return new QueryFailedError(sql, [...parameters], isError ? error : new Error(String(error)));
}

const sessions = new WeakMap<EntityManager, Session>();

/** The session that belongs to a manager of `Database`. */
export function sessionOf(manager: EntityManager): Session {
  const session = sessions.get(manager);
  if (session === undefined) throw new Error('the manager is none that Database has handed over');
  return session;
}

/** @internal For `Database`. */
export function setSession(manager: EntityManager, session: Session): void {
  sessions.set(manager, session);
}
