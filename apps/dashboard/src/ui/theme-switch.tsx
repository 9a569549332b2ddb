import { clsx } from 'clsx';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useStore } from './store.js';
import { chooseTheme, themes, themeStore } from './theme.js';

const looks = {
  system: { icon: Monitor, label: 'System' },
  light: { icon: Sun, label: 'Light' },
  dark: { icon: Moon, label: 'Dark' },
};

export function ThemeSwitch() {
  const chosen = useStore(themeStore);
  return (
    <div role="group" aria-label="Theme" className="flex gap-1 rounded-lg bg-sunken p-1">
      {themes.map((theme) => {
        const { icon: Icon, label } = looks[theme];
        return (
          <button
            key={theme}
            type="button"
            aria-pressed={chosen === theme}
            onClick={() => chooseTheme(theme)}
            className={clsx(
              'flex min-h-8 flex-1 items-center justify-center gap-1.5 rounded-md px-2 text-sm',
              chosen === theme ? 'bg-surface font-medium text-ink shadow-sm' : 'text-muted hover:text-ink',
            )}
          >
            <Icon size={15} aria-hidden />
            {label}
          </button>
        );
      })}
    </div>
  );
}
