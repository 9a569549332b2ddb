import { useNavigate } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { useCommands } from '../ui/commands.js';
import { copyText } from '../ui/copy.js';
import { useKeyboard } from '../ui/keyboard.js';
import { chooseTheme, themes, themeStore } from '../ui/theme.js';
import { showDone } from '../ui/toast.js';
import { places } from './places.js';
import { toggleSidebar } from './sidebar.js';

/** What can be done on every page. */
export function useShellCommands(onSearch: () => void, onHelp: () => void): void {
  const navigate = useNavigate();
  const maySubmit = useMay('submit');
  useKeyboard();
  useCommands('Anywhere', [
    { keys: 'Mod+k', words: 'Search, or jump to', keyOnly: true, run: onSearch },
    ...(maySubmit ? [{ keys: 'c', words: 'New task', run: () => void navigate('/new') }] : []),
    { keys: '?', words: 'Keyboard and help', run: onHelp },
    { keys: '\\', words: 'Narrow or widen the navigation', run: toggleSidebar },
    { keys: 't', words: 'Next theme', run: nextTheme },
    { keys: 'Mod+.', words: 'Copy the link to this page', run: () => void copyLink() },
  ]);
  useCommands(
    'Go to',
    places.map(({ to, words, keys }) => ({ keys, words, run: () => void navigate(to) })),
  );
}

function nextTheme(): void {
  const next = themes[(themes.indexOf(themeStore.get()) + 1) % themes.length] ?? 'system';
  chooseTheme(next);
  showDone(`Theme: ${next}.`);
}

async function copyLink(): Promise<void> {
  if (await copyText(location.href)) showDone('The link to this page is copied.');
}
