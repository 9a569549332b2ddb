import type { PatchFile } from './patch.js';

/** The files of one folder, each with its place in the change. */
export interface Folder {
  /** From the root, `` for the root itself. */
  readonly path: string;
  readonly files: readonly { readonly name: string; readonly index: number; readonly file: PatchFile }[];
}

/** The files by folder, folders in the order of their names. */
export function foldersOf(files: readonly PatchFile[]): Folder[] {
  const folders = new Map<string, { name: string; index: number; file: PatchFile }[]>();
  files.forEach((file, index) => {
    const slash = file.path.lastIndexOf('/');
    const path = file.path.slice(0, Math.max(0, slash));
    folders.set(path, [...(folders.get(path) ?? []), { name: file.path.slice(slash + 1), index, file }]);
  });
  return [...folders]
    .map(([path, inside]) => ({ path, files: inside }))
    .sort((left, right) => left.path.localeCompare(right.path));
}
