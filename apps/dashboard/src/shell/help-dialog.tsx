import { Dialog } from '../ui/dialog.js';
import { shortcutsOn, switchShortcuts } from '../ui/shortcuts.js';
import { useStore } from '../ui/store.js';

const shortcuts = [
  { keys: ['c'], words: 'New task' },
  { keys: ['/'], words: 'Search the tasks' },
  { keys: ['g', 't'], words: 'Go to the tasks' },
  { keys: ['g', 'w'], words: 'Go to the workers' },
  { keys: ['j'], words: 'Next task in the list' },
  { keys: ['k'], words: 'Previous task in the list' },
  { keys: ['Enter'], words: 'Open the focused task' },
  { keys: ['End'], words: 'In a transcript: to the end, and follow' },
  { keys: ['?'], words: 'This help' },
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const isOn = useStore(shortcutsOn);
  return (
    <Dialog title="Keyboard and help" onClose={onClose}>
      <div className="flex flex-col gap-4 text-sm">
        <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2">
          {shortcuts.map(({ keys, words }) => (
            <div key={words} className="contents">
              <dt className="flex gap-1">
                {keys.map((key) => (
                  <kbd key={key} className="rounded border border-line bg-sunken px-1.5 py-px font-mono">
                    {key}
                  </kbd>
                ))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <label className="inline-flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            checked={isOn}
            onChange={(event) => switchShortcuts(event.target.checked)}
            className="size-4 accent-accent"
          />
          Single keys do something
        </label>
        <p className="text-muted">
          All of it is also in a terminal (<code className="font-mono">corch --help</code>) and in the{' '}
          <a href="/api/docs" className="text-accent underline">
            API
          </a>
          .
        </p>
      </div>
    </Dialog>
  );
}
