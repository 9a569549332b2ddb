import { createHash } from 'node:crypto';
import type { CopiedTable } from './copied-tables.js';

/** A row as a driver hands it over. */
export type Row = Readonly<Record<string, unknown>>;

/** How many rows a table has, and a checksum of them that does not depend on their order. */
export class Digest {
  private rows = 0;
  private sum = 0n;

  constructor(private readonly table: CopiedTable) {}

  add(row: Row): void {
    const hash = createHash('sha256');
    for (const { name, kind } of this.table.columns) {
      const value = row[name];
      // Null is no text; both engines have their own ways for the rest.
      hash.update(value === null || value === undefined ? 'n' : `${kind}:`);
      if (value === null || value === undefined) continue;
      if (kind === 'bytes') hash.update(value as Uint8Array);
      else hash.update(kind === 'text' ? (value as string) : String(Number(value)));
      hash.update('\0');
    }
    this.rows++;
    this.sum = BigInt.asUintN(128, this.sum + BigInt(`0x${hash.digest('hex').slice(0, 32)}`));
  }

  get result(): { readonly rows: number; readonly checksum: string } {
    return { rows: this.rows, checksum: this.sum.toString(16).padStart(32, '0') };
  }
}
