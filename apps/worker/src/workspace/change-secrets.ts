// Which files of a change hold a secret that they did not hold before. The contents themselves are looked at, as they go into the
// commit: what a patch shows of a file is for the repository to say (`.gitattributes`), and of a binary one it is compressed.
import { SecretSearch } from '../secret-scan.js';
import type { ShadowRepository } from './shadow-repository.js';

/** A file of the change. */
interface Content {
  readonly path: string;
  /** Its path in the base, `''` for a new one. */
  readonly from: string;
  /** Ids of its contents; null for a new one. */
  readonly before: string | null;
  readonly now: string;
}

/** git takes them as arguments. */
const idsAtOnce = 400;

/**
 * The paths of these files. What is in the index of the shadow repository is compared with the base.
 *
 * @param base a commit, or the empty tree
 */
export async function filesWithSecrets(
  shadow: ShadowRepository,
  base: string,
  secrets: readonly string[],
): Promise<readonly string[]> {
  if (secrets.length === 0) return [];
  const rows = ['diff', '--cached', '--no-ext-diff', '--raw', '--no-abbrev', '-M', '-l1000', '--diff-filter=d', '-z'];
  const contents = contentsOf(await shadow.must([...rows, base, '--']));
  const isNamed = ({ path, from }: Content) => secrets.some((it) => path.includes(it) && !from.includes(it));
  const files = contents.filter(isNamed).map(({ path }) => path);
  for (const content of await holding(shadow, contents, secrets)) {
    if (await isNews(shadow, content, secrets)) files.push(content.path);
  }
  return [...new Set(files)].sort();
}

/** Those that hold one now. Nearly always there is none in all of them, and few programs are started; otherwise in which half? */
async function holding(shadow: ShadowRepository, contents: Content[], secrets: readonly string[]): Promise<Content[]> {
  if (contents.length === 0) return [];
  if (contents.length <= idsAtOnce) {
    const ids = contents.map(({ now }) => now);
    if ((await secretsIn(shadow, ids, secrets)).size === 0) return [];
    if (contents.length === 1) return contents;
  }
  const half = Math.ceil(contents.length / 2);
  const first = await holding(shadow, contents.slice(0, half), secrets);
  return [...first, ...(await holding(shadow, contents.slice(half), secrets))];
}

async function isNews(shadow: ShadowRepository, { before, now }: Content, secrets: readonly string[]) {
  if (before === null) return true;
  const old = await secretsIn(shadow, [before], secrets);
  return [...(await secretsIn(shadow, [now], secrets))].some((secret) => !old.has(secret));
}

async function secretsIn(shadow: ShadowRepository, ids: readonly string[], secrets: readonly string[]) {
  const search = new SecretSearch(secrets);
  await shadow.must(['show', '--no-textconv', ...ids], undefined, search);
  return search.found;
}

/** `git diff --raw -z`: `:mode mode id id status NUL path NUL` of every file, with two paths of a renamed one. */
function contentsOf(rows: string): Content[] {
  const parts = rows.split('\0');
  const contents: Content[] = [];
  for (let at = 0; parts[at]?.startsWith(':');) {
    const [oldMode = '', mode, oldId = '', now = '', status] = (parts[at++] ?? '').slice(1).split(' ');
    const old = parts[at++] ?? '';
    const path = status?.startsWith('R') ? (parts[at++] ?? '') : old;
    // Of a submodule there is only the name of a commit.
    if (mode === '160000') continue;
    const isNew = /^(000000|160000)$/.test(oldMode);
    contents.push({ path, from: isNew ? '' : old, before: isNew ? null : oldId, now });
  }
  return contents;
}
