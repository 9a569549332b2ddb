// Which files of a change hold a secret that they did not hold before. The contents themselves are looked at, as they go into the
// commit: what a patch shows of a file is for the repository to say (`.gitattributes`), and of a binary one it is compressed.
import { SecretSearch } from '../secret-scan.js';
import type { ComparedFile } from './changed-files.js';
import type { ShadowRepository } from './shadow-repository.js';

/** A file of the change that has a content now. */
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

/** The paths of those of the compared files; their contents are asked of the shadow repository. */
export async function filesWithSecrets(
  shadow: ShadowRepository,
  compared: readonly ComparedFile[],
  secrets: readonly string[],
): Promise<readonly string[]> {
  if (secrets.length === 0) return [];
  const contents = compared.flatMap(contentOf);
  const isNamed = ({ path, from }: Content) => secrets.some((it) => path.includes(it) && !from.includes(it));
  const files = contents.filter(isNamed).map(({ path }) => path);
  for (const content of await holding(shadow, contents, secrets)) {
    if (await isNews(shadow, content, secrets)) files.push(content.path);
  }
  return [...new Set(files)].sort();
}

function contentOf({ before, after }: ComparedFile): Content[] {
  if (after === null || after.isRepository) return [];
  const old = before?.isRepository === true ? null : before;
  return [{ path: after.path, from: old?.path ?? '', before: old?.id ?? null, now: after.id }];
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
