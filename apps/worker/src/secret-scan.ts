// Secrets of this worker in files that are about to leave it. Texts are made safe by replacing them (redact.ts); a file that was
// rewritten would be another file, so one that holds a secret stays here as a whole.
import { createReadStream } from 'node:fs';

/** The files of a git patch whose added lines hold one of the secrets. Pure. */
export function filesWithSecrets(patch: Buffer, secrets: readonly string[]): string[] {
  const names = new Set<string>();
  for (const secret of secrets) {
    for (let at = patch.indexOf(secret); at !== -1; at = patch.indexOf(secret, at + secret.length)) {
      // What is removed, or stood there before, is no news.
      const lineStart = patch.lastIndexOf('\n', at) + 1;
      if (patch[lineStart] === 0x2b) names.add(nameAt(patch, lineStart));
    }
  }
  return [...names].sort();
}

/** The name in the last `+++ b/name` before a place. */
function nameAt(patch: Buffer, at: number): string {
  const mark = '\n+++ b/';
  const start = patch.lastIndexOf(mark, at) + mark.length;
  return patch.toString('utf8', start, patch.indexOf('\n', start)).replace(/\t$/, '');
}

/** Whether a file holds one of the secrets. */
export async function holdsSecret(file: string, secrets: readonly string[]): Promise<boolean> {
  if (secrets.length === 0) return false;
  const overlap = Math.max(...secrets.map((secret) => Buffer.byteLength(secret))) - 1;
  let before = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([before, chunk]);
    if (secrets.some((secret) => bytes.includes(secret))) return true;
    before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)));
  }
  return false;
}
