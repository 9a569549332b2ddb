// Secrets of this worker in files that are about to leave it. Texts are made safe by replacing them (redact.ts); a file that was
// rewritten would be another file, so one that holds a secret stays here as a whole.
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Takes bytes of any kind in, in pieces, and keeps no more of them than a secret is long. */
export class SecretSearch extends Writable {
  /** The secrets that the bytes held so far. */
  readonly found = new Set<string>();
  private readonly overlap: number;
  private before = Buffer.alloc(0);

  constructor(private readonly secrets: readonly string[]) {
    super();
    this.overlap = Math.max(1, ...secrets.map((secret) => Buffer.byteLength(secret))) - 1;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const bytes = Buffer.concat([this.before, chunk]);
    for (const secret of this.secrets) if (!this.found.has(secret) && bytes.includes(secret)) this.found.add(secret);
    this.before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.overlap)));
    done();
  }
}

/** Whether a file holds one of the secrets. */
export async function holdsSecret(file: string, secrets: readonly string[]): Promise<boolean> {
  if (secrets.length === 0) return false;
  const search = new SecretSearch(secrets);
  await pipeline(createReadStream(file), search);
  return search.found.size > 0;
}
