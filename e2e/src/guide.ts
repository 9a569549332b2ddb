import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './stack.js';

/** The blocks of a page of docs/ that begin with "```sh run", in order. */
export function commandsOf(page: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return [...text.matchAll(/^```sh run\n([^]*?)^```$/gm)].map(([, block]) => block ?? '');
}
