import { getMetadataArgsStorage, type EntityManager, type ValueTransformer } from 'typeorm';
import { kindOf, SnakeCase, type DatabaseKind } from './columns.js';
import { sessionOf } from './session.js';

interface TableColumn<Row> {
  readonly property: keyof Row & string;
  readonly name: string;
  readonly isFlag: boolean;
  readonly transformer: ValueTransformer | undefined;
}

/** A row as the drivers hand it over: its properties, not all of them translated yet. */
export type RawRow<Row> = Row & Record<string, unknown>;

/**
 * What an entity's decorators say, as pieces of SQL and as the translation of its rows, for statements that are written by hand. Much
 * cheaper than the query builder, which works all of it out for each statement.
 */
export class Table<Row extends object> {
  readonly name: string;
  private readonly columns: readonly TableColumn<Row>[];
  private readonly translated: readonly TableColumn<Row>[];
  private readonly insertion: string;
  private readonly all: string;

  constructor(entity: new () => Row) {
    const storage = getMetadataArgsStorage();
    const naming = new SnakeCase();
    const { name } = storage.tables.find(({ target }) => target === entity) ?? {};
    if (name === undefined) throw new Error(`${entity.name} is no entity with a table`);
    this.name = name;
    this.columns = storage.filterColumns(entity).map(({ propertyName, options }) => ({
      property: propertyName as keyof Row & string,
      name: naming.columnName(propertyName, options.name),
      isFlag: options.type === 'boolean',
      transformer: Array.isArray(options.transformer) ? undefined : options.transformer,
    }));
    this.translated = this.columns.filter(({ isFlag, transformer }) => isFlag || transformer !== undefined);
    const names = this.columns.map((column) => column.name);
    this.insertion = `INSERT INTO ${this.name} (${names.join(', ')}) VALUES (${names.map((_, n) => `$${n + 1}`).join(', ')})`;
    this.all = this.select('t');
  }

  /** The columns for a SELECT from `alias`, under the names of their properties; all of them unless some are named. */
  select(alias: string, properties?: readonly (keyof Row & string)[]): string {
    return this.columns
      .filter(({ property }) => properties === undefined || properties.includes(property))
      .map(({ property, name }) => `${alias}.${name} AS "${property}"`)
      .join(', ');
  }

  /** Translates rows that were selected by {@link select}, in place. */
  read<R extends Partial<Row>>(rows: readonly RawRow<R>[]): RawRow<R>[] {
    return rows.map((row) => {
      const values: Record<string, unknown> = row;
      for (const { property, isFlag, transformer } of this.translated) {
        const value = values[property];
        if (value === undefined || value === null) continue;
        values[property] = isFlag ? Boolean(value) : transformer?.from(value);
      }
      return row;
    });
  }

  /** Rows of `SELECT … FROM this table AS t` and what follows. */
  async find(
    manager: EntityManager,
    rest: string,
    parameters: readonly unknown[],
    { lock = false }: { lock?: boolean } = {},
  ): Promise<Row[]> {
    const sql = `SELECT ${this.all} FROM ${this.name} t ${rest}${lock ? lockClause(kindOf(manager)) : ''}`;
    return this.read(await sessionOf(manager).rows<RawRow<Row>>(sql, parameters));
  }

  /** Has a row stored. */
  insert(manager: EntityManager, row: Row): void {
    const parameters = this.columns.map((column) => stored(column, row[column.property]));
    sessionOf(manager).send(this.insertion, parameters);
  }

  /** An UPDATE of what `patch` names, with the parameters of `where` first. What is undefined stays. */
  update(patch: Partial<Row>, where: string, parameters: readonly unknown[]): { sql: string; parameters: unknown[] } {
    const changed = this.columns.filter(({ property }) => patch[property] !== undefined);
    const set = changed.map(({ name }, n) => `${name} = $${parameters.length + n + 1}`).join(', ');
    return {
      sql: `UPDATE ${this.name} SET ${set} WHERE ${where}`,
      parameters: [...parameters, ...changed.map((column) => stored(column, patch[column.property]))],
    };
  }
}

/**
 * SQLite has one writer at a time; there is nothing to lock against. In PostgreSQL this lets others insert rows that refer to the
 * locked one, but not change it.
 */
export function lockClause(kind: DatabaseKind): string {
  return kind === 'postgres' ? ' FOR NO KEY UPDATE' : '';
}

function stored<Row>({ transformer }: TableColumn<Row>, value: unknown): unknown {
  return (transformer === undefined ? value : transformer.to(value)) ?? null;
}

/** A condition: `column` is one of the texts that {@link listed} makes the parameter `place` of. One statement for any number. */
export function isListed(kind: DatabaseKind, column: string, place: string): string {
  return kind === 'postgres'
    ? `${column} = ANY(${place}::text[])`
    : `${column} IN (SELECT value FROM json_each(${place}))`;
}

export function listed(kind: DatabaseKind, values: readonly string[]): unknown {
  return kind === 'postgres' ? values : JSON.stringify(values);
}
