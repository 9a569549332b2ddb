// The few differences between SQLite and PostgreSQL, and the column kinds that every entity uses.
import {
  Column,
  DefaultNamingStrategy,
  PrimaryColumn,
  type ColumnOptions,
  type DataSource,
  type EntityManager,
  type ValueTransformer,
} from 'typeorm';

export type DatabaseKind = 'sqlite' | 'postgres';

/** Which of the two a manager talks to. */
export function kindOf(manager: Pick<EntityManager, 'dataSource'>): DatabaseKind {
  return manager.dataSource.options.type === 'postgres' ? 'postgres' : 'sqlite';
}

/** `leaseExpiresAt` is the column `lease_expires_at`. */
export class SnakeCase extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

/** PostgreSQL hands 64-bit integers over as text. All of ours (milliseconds, bytes, micro-dollars) fit a double exactly. */
const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : null),
};

type Kind = Pick<ColumnOptions, 'nullable' | 'default'>;

/** The text that identifies a row. */
export const Id = () => PrimaryColumn('text');
export const TextColumn = (options: Kind = {}) => Column('text', options);
/** A 32-bit count. */
export const Count = (options: Kind = {}) => Column('integer', options);
/** A 64-bit whole number. */
export const Long = (options: Kind = {}) => Column('bigint', { ...options, transformer: wholeNumber });
/** Milliseconds since 1970. */
export const Millis = Long;
export const Flag = (options: Kind = {}) => Column('boolean', options);
/** Anything that JSON can hold, as text; never searched by its parts. */
export const Json = (options: Kind = {}) => Column('text', { ...options, transformer: json });
/** Bytes: `blob` in SQLite; {@link teachBytes} makes it `bytea` in PostgreSQL. */
export const Bytes = () => Column('blob');

/** Lets a PostgreSQL data source read the portable type `blob` as its own `bytea`. To be called before it is initialised. */
export function teachBytes(dataSource: DataSource): void {
  const { driver } = dataSource;
  const normalise = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => (column.type === 'blob' ? 'bytea' : normalise(column));
}

/** A condition: `column` holds the text of parameter `name` somewhere. Exact, and `%` and `_` mean nothing special. */
export function containsText(kind: DatabaseKind, column: string, name: string): string {
  return kind === 'postgres' ? `strpos(${column}, :${name}) > 0` : `instr(${column}, :${name}) > 0`;
}
