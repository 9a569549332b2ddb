// Files with a `working-tree-encoding` in `.gitattributes`: git stores them as UTF-8.
import type { ShadowRepository } from './shadow-repository.js';

/** git takes them as arguments. */
const pathsAtOnce = 200;
/** What `git check-attr` says where there is none. */
const none = ['unspecified', 'unset', 'set'];

/**
 * Stores changed files as git would: what was taken as it is would count as changed though nobody touched it. One that is not in its
 * encoding stays as it is.
 */
export async function storeEncoded(shadow: ShadowRepository, base: string): Promise<void> {
  const changes = ['diff', '--cached', '--name-only', '-z', '--no-renames', '--diff-filter=d', base, '--'];
  // A name that is no UTF-8 cannot be given to git from here.
  const changed = (await shadow.must(changes)).split('\0').filter((path) => path !== '' && !path.includes('\uFFFD'));
  for (let at = 0; at < changed.length; at += pathsAtOnce) {
    const paths = changed.slice(at, at + pathsAtOnce);
    for (const path of await withEncoding(shadow, paths)) await store(shadow, path);
  }
}

/** `git check-attr -z`: path NUL attribute NUL value NUL. */
async function withEncoding(shadow: ShadowRepository, paths: readonly string[]): Promise<string[]> {
  const said = (await shadow.must(['check-attr', '-z', 'working-tree-encoding', '--', ...paths])).split('\0');
  return paths.filter((_, index) => !none.includes(said[index * 3 + 2] ?? 'unset'));
}

async function store(shadow: ShadowRepository, path: string): Promise<void> {
  const [entry = ''] = (await shadow.must(['ls-files', '--cached', '--stage', '-z', '--', `:(literal)${path}`])).split(
    '\0',
  );
  const [mode] = /^100\d+/.exec(entry) ?? [];
  const id = mode === undefined ? null : await shadow.must(['hash-object', '-w', '--', path]).catch(() => null);
  if (id !== null) await shadow.must(['update-index', '--cacheinfo', `${mode},${id.trim()},${path}`]);
}
