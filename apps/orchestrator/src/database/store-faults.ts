// Tells apart, by what the drivers throw, a store that is away for a moment, one that is full, and a mistake of ours.

/** `away`: it does not answer, or somebody else holds it; the same statement may work soon. `full`: it has no room left. */
export type StoreFault = 'away' | 'full';

/**
 * Node's codes for a server that cannot be reached, PostgreSQL's for one that starts, stops, has no connection or no memory left
 * or gave up on a conflict, and SQLite's for a lock that stays.
 */
const away =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|57P0[1-5]|53[0234]00|40001|40P01|SQLITE_BUSY.*)$/;

/** The last is SQLite's for the index of its log, which it cannot make as long as it needs. */
const full = /^(ENOSPC|EDQUOT|SQLITE_FULL|53100|SQLITE_IOERR_SHMSIZE)$/;

/** What pg, its pool and TypeORM say without a code when a connection broke, or none became free in time. */
const awayWithoutCode =
  /^(timeout exceeded when trying to connect|Connection terminated( unexpectedly| due to connection timeout)?|Client has encountered a connection error and is not queryable|Client was closed and is not queryable|Query runner already released\. Cannot run queries anymore\.|Database connection provided by a query runner was already released.*)$/;

/** The part of an error that is looked at. Not `Error`: an error of another realm is none of ours. */
interface Thrown {
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of what a PostgreSQL server says. */
  readonly severity?: unknown;
  readonly syscall?: unknown;
  readonly driverError?: unknown;
  readonly cause?: unknown;
}

/** What is wrong with the store, or null when the error tells of something else. Looks at causes, too. */
export function storeFault(error: unknown): StoreFault | null {
  if (!isThrown(error)) return null;
  const { message, code, syscall, driverError, cause } = error;
  if (typeof message === 'string' && awayWithoutCode.test(message)) return 'away';
  if (typeof code === 'string') {
    if (full.test(code)) return 'full';
    // A server on a Unix socket that is stopped leaves no file to connect to.
    if (away.test(code) || (code === 'ENOENT' && syscall === 'connect')) return 'away';
  }
  return (driverError === error ? null : storeFault(driverError)) ?? storeFault(cause);
}

/** Whether the database says that it has undone the whole transaction, which may simply run again. */
export function isUndone(error: unknown): boolean {
  if (!isThrown(error) || !isThrown(error.driverError)) return false;
  const { code } = error.driverError;
  return code === '40001' || code === '40P01';
}

/** Whether it is the server itself that has refused a statement; else the connection broke, and nobody knows what it has done. */
export function isAnswered(error: unknown): boolean {
  if (!isThrown(error) || !isThrown(error.driverError)) return false;
  return typeof error.driverError.severity === 'string';
}

/** Whether a row was to be stored under a key that another row has. */
export function isDuplicate(error: unknown): boolean {
  if (!isThrown(error) || !isThrown(error.driverError)) return false;
  const { code } = error.driverError;
  return code === '23505' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE';
}

function isThrown(value: unknown): value is Thrown {
  return typeof value === 'object' && value !== null;
}
