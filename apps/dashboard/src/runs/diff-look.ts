import { useSyncExternalStore } from 'react';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { Store } from '../ui/store.js';

const lookKey = 'corch.diff';

/** Whether a change is shown in two columns. */
export const isSplit = new Store(readLocal(lookKey) === 'split');

export function chooseSplit(split: boolean): void {
  writeLocal(lookKey, split ? 'split' : null);
  isSplit.set(split);
}

const spaceKey = 'corch.diff.space';

/** Whether changes in white space alone are left out. */
export const hidesSpace = new Store(readLocal(spaceKey) === 'hide');

export function chooseHidesSpace(hides: boolean): void {
  writeLocal(spaceKey, hides ? 'hide' : null);
  hidesSpace.set(hides);
}

const viewedKey = (runId: string) => `corch.viewed.${runId}`;
const viewedOf = new Map<string, Store<ReadonlySet<string>>>();

/** The files of a run's change that this browser marked as viewed. */
export function viewedStore(runId: string): Store<ReadonlySet<string>> {
  const known = viewedOf.get(runId);
  if (known !== undefined) return known;
  const paths = (readLocal(viewedKey(runId)) ?? '').split('\n').filter((path) => path !== '');
  const store = new Store<ReadonlySet<string>>(new Set(paths));
  viewedOf.set(runId, store);
  return store;
}

/** Whether it is one of them; a file that is not is not drawn again when another one is marked. */
export function useIsViewed(runId: string, path: string): boolean {
  const store = viewedStore(runId);
  return useSyncExternalStore(store.subscribe, () => store.get().has(path));
}

export function toggleViewed(runId: string, path: string): void {
  const store = viewedStore(runId);
  const next = new Set(store.get());
  if (!next.delete(path)) next.add(path);
  writeLocal(viewedKey(runId), next.size === 0 ? null : [...next].join('\n'));
  store.set(next);
}
