import type { DataSource, EntityMetadata } from 'typeorm';

/** A table as both engines have it. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly CopiedColumn[];
  /** How many rows travel at once: prompts may have a megabyte each, and a row with bytes holds a part of a file. */
  readonly batch: number;
}

export interface CopiedColumn {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'flag' | 'bytes';
}

/** They tell which processes are at work now, which none is while a database is copied. */
const ofProcesses = ['instances', 'job_leases'];

/** Every table that is copied, those first that others refer to. */
export function copiedTables(source: DataSource): CopiedTable[] {
  const left = source.entityMetadatas.filter(({ tableName }) => !ofProcesses.includes(tableName));
  const sorted: EntityMetadata[] = [];
  while (left.length > 0) {
    const next = left.findIndex((one) =>
      one.foreignKeys.every(({ referencedEntityMetadata: other }) => other === one || sorted.includes(other)),
    );
    const [table] = left.splice(next, 1);
    if (next === -1 || table === undefined) throw new Error('the tables refer to each other in a circle');
    sorted.push(table);
  }
  return sorted.map(toTable);
}

function toTable({ tableName, columns }: EntityMetadata): CopiedTable {
  const copied = columns.map(({ databaseName, type }): CopiedColumn => {
    if (type === 'boolean') return { name: databaseName, kind: 'flag' };
    if (type === 'blob') return { name: databaseName, kind: 'bytes' };
    return { name: databaseName, kind: type === 'text' ? 'text' : 'number' };
  });
  return { name: tableName, columns: copied, batch: copied.some(({ kind }) => kind === 'bytes') ? 16 : 50 };
}
