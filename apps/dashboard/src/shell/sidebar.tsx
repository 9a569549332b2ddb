import { clsx } from 'clsx';
import { CircleHelp, PanelLeft, Plus, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, NavLink } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { buttonClass } from '../ui/button.js';
import { Keys } from '../ui/keys.js';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { Store, useStore } from '../ui/store.js';
import { AccountMenu } from './account-menu.js';
import { Brand } from './brand.js';
import { ConnectionState } from './connection-state.js';
import { InboxCount } from './inbox-count.js';
import { places, type Place } from './places.js';

const key = 'corch.sidebar';
const isNarrow = new Store(readLocal(key) === 'narrow');

export function toggleSidebar(): void {
  const next = !isNarrow.get();
  writeLocal(key, next ? 'narrow' : null);
  isNarrow.set(next);
}

interface SidebarProps {
  onSearch: () => void;
  onHelp: () => void;
}

/** The navigation of a wide window; a rail of icons on a tablet, or when somebody wants the room. */
export function Sidebar({ onSearch, onHelp }: SidebarProps) {
  const maySubmit = useMay('submit');
  const isRail = useStore(isNarrow);
  const words = isRail ? 'sr-only' : 'sr-only lg:not-sr-only';
  const row = clsx(
    'flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm max-lg:justify-center',
    isRail && 'justify-center',
  );
  return (
    <aside
      className={clsx(
        'sticky top-0 z-20 hidden h-dvh shrink-0 flex-col gap-3 border-r border-line bg-surface p-2 sm:flex',
        isRail ? 'w-14' : 'w-14 lg:w-56 lg:p-3',
      )}
    >
      <Link to="/" className="flex min-h-9 items-center gap-2 px-1.5 font-semibold max-lg:justify-center">
        <Brand wordsClass={words} />
      </Link>
      <button
        type="button"
        title="Search or jump to"
        onClick={onSearch}
        className={clsx(row, 'border border-line text-muted hover:border-control hover:text-ink')}
      >
        <Search size={16} aria-hidden className="shrink-0" />
        <span className={clsx(words, 'flex-1 text-left')}>Search</span>
        <span aria-hidden className={isRail ? 'hidden' : 'hidden lg:inline'}>
          <Keys keys="Mod+k" />
        </span>
      </button>
      {maySubmit && (
        <Link to="/new" title="New task" className={buttonClass('primary', 'px-2.5')}>
          <Plus size={16} aria-hidden className="shrink-0" />
          <span className={words}>New task</span>
        </Link>
      )}
      <nav aria-label="Main" className="flex flex-1 flex-col gap-0.5 overflow-y-auto p-0.5">
        {places.map((place) => (
          <PlaceLink key={place.to} place={place} row={row} words={words} />
        ))}
      </nav>
      <div className="flex flex-col gap-0.5 border-t border-line pt-2">
        <div className={clsx(row, 'text-muted')}>
          <ConnectionState hidesWords={words} />
        </div>
        <div className={clsx('flex gap-0.5 max-lg:flex-col max-lg:items-center', isRail && 'flex-col items-center')}>
          <AccountMenu onHelp={onHelp} />
          <RoundButton words="Keyboard and help" icon={<CircleHelp size={18} aria-hidden />} onClick={onHelp} />
          <span className="hidden lg:inline">
            <RoundButton
              words={isRail ? 'Widen the navigation' : 'Narrow the navigation'}
              icon={<PanelLeft size={18} aria-hidden />}
              onClick={toggleSidebar}
            />
          </span>
        </div>
      </div>
    </aside>
  );
}

function PlaceLink({
  place: { to, words, icon: Icon },
  row,
  words: hides,
}: {
  place: Place;
  row: string;
  words: string;
}) {
  const isInbox = to === '/approvals';
  return (
    <NavLink
      to={to}
      end={to === '/'}
      title={words}
      className={({ isActive }) =>
        clsx(row, 'relative', isActive ? 'bg-sunken font-medium' : 'text-muted hover:bg-sunken hover:text-ink')
      }
    >
      <Icon size={18} aria-hidden className="shrink-0" />
      <span className={clsx(hides, 'flex-1')}>{words}</span>
      {isInbox && <InboxCount className="max-lg:absolute max-lg:-top-0.5 max-lg:-right-0.5" />}
    </NavLink>
  );
}

function RoundButton({ words, icon, onClick }: { words: string; icon: ReactNode; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={words}
      title={words}
      onClick={onClick}
      className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink"
    >
      {icon}
    </button>
  );
}
