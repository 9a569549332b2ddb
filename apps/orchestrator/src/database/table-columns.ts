// Columns as migrations write them; the same kinds as the decorators in columns.ts.
import { TableForeignKey, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

type Kind = Pick<TableColumnOptions, 'isPrimary' | 'isNullable' | 'default'>;

/** Marks a column that may hold nothing. */
export const optional = { isNullable: true } as const;
/** What rows get that were there before the column. */
export const filledWith = (value: string) => ({ default: value });
/** Marks a column of the primary key. */
export const primary = { isPrimary: true } as const;

const column =
  (type: string) =>
  (name: string, kind: Kind = {}): TableColumnOptions => ({ name, type, ...kind });

export const text = column('text');
export const count = column('integer');
export const long = column('bigint');
export const millis = long;
export const flag = column('boolean');
export const json = text;

/** Bytes, in the type of the engine that the migration runs on. */
export function bytes(runner: QueryRunner, name: string): TableColumnOptions {
  return column(runner.dataSource.options.type === 'postgres' ? 'bytea' : 'blob')(name);
}

/** An index; with `where`, only over the rows that the condition holds for. */
export function index(
  name: string,
  columnNames: string[],
  options: { isUnique?: true; where?: string } = {},
): TableIndex {
  return new TableIndex({ name, columnNames, ...options });
}

/** A reference to `table.id` whose row takes this one along when it is deleted. */
export function belongsTo(name: string, columnName: string, table: string): TableForeignKey {
  return new TableForeignKey({
    name,
    columnNames: [columnName],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
  });
}
