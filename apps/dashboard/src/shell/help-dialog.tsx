import { useCommandGroups } from '../ui/commands.js';
import { Dialog } from '../ui/dialog.js';
import { Keys } from '../ui/keys.js';
import { shortcutsOn, switchShortcuts } from '../ui/keyboard.js';
import { useStore } from '../ui/store.js';

/** The keys that do something here and now. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const isOn = useStore(shortcutsOn);
  const groups = useCommandGroups();
  return (
    <Dialog title="Keyboard and help" onClose={onClose}>
      <div className="flex flex-col gap-5 text-sm">
        <div className="gap-8 sm:columns-2">
          {groups.map(({ area, commands }) => (
            <section key={area} aria-label={area} className="mb-5 break-inside-avoid">
              <h3 className="mb-1.5 font-medium">{area}</h3>
              <dl className="flex flex-col gap-1.5">
                {commands.map(
                  ({ keys, words }) =>
                    keys !== undefined && (
                      <div key={keys} className="flex items-baseline justify-between gap-3">
                        <dd className="order-first text-muted">{words}</dd>
                        <dt className="order-last">
                          <Keys keys={keys} />
                        </dt>
                      </div>
                    ),
                )}
              </dl>
            </section>
          ))}
        </div>
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
