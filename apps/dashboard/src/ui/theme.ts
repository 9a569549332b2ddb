import { readLocal, writeLocal } from './local-value.js';
import { Store } from './store.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Read before the first paint by public/theme.js. */
const key = 'corch.theme';

export const themeStore = new Store<Theme>(themes.find((theme) => theme === readLocal(key)) ?? 'system');

/** Paints in the chosen theme from now on and keeps the choice in this browser. */
export function chooseTheme(theme: Theme): void {
  writeLocal(key, theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  themeStore.set(theme);
}
