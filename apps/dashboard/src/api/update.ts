import { version } from '@corch/contract';
import { Store } from '../ui/store.js';
import { client } from './client.js';

/** The orchestrator serves another dashboard than the one that is open. */
export const hasUpdate = new Store(false);

/** Asks the orchestrator for its version; after it was away it may be another. */
export async function lookForUpdate(): Promise<void> {
  const served = await client.readVersion().catch(() => null);
  if (served !== null && served.version !== version) hasUpdate.set(true);
}

/** A part of the page that is loaded when it is needed is gone: so it was replaced. */
export function watchForUpdate(): void {
  window.addEventListener('vite:preloadError', () => hasUpdate.set(true));
}
