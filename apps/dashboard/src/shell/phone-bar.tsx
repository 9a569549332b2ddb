import { clsx } from 'clsx';
import { Ellipsis, Hand, House, ListTodo, Plus } from 'lucide-react';
import { useState } from 'react';
import { NavLink } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { Dialog } from '../ui/dialog.js';
import { AccountPanel } from './account-panel.js';
import { InboxCount } from './inbox-count.js';
import { places } from './places.js';

const look = (isActive: boolean) =>
  clsx(
    'flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs -outline-offset-2',
    isActive ? 'font-medium text-accent' : 'text-muted',
  );

/** The main ways, at the thumb. */
export function PhoneBar({ onHelp }: { onHelp: () => void }) {
  const maySubmit = useMay('submit');
  const [isMore, setMore] = useState(false);
  const main = [
    { to: '/', words: 'Now', icon: House, shown: true },
    { to: '/tasks', words: 'Tasks', icon: ListTodo, shown: true },
    { to: '/new', words: 'New', icon: Plus, shown: maySubmit },
    { to: '/approvals', words: 'Approvals', icon: Hand, shown: true },
  ];
  return (
    <nav
      aria-label="Main, phone"
      className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {main
        .filter((place) => place.shown)
        .map(({ to, words, icon: Icon }) => (
          <NavLink key={to} to={to} end={to === '/'} className={({ isActive }) => look(isActive)}>
            <Icon size={20} aria-hidden />
            <span className="inline-flex items-center">
              {words}
              {to === '/approvals' && <InboxCount className="ml-1" />}
            </span>
          </NavLink>
        ))}
      <button type="button" className={look(false)} onClick={() => setMore(true)}>
        <Ellipsis size={20} aria-hidden />
        More
      </button>
      {isMore && <More onClose={() => setMore(false)} onHelp={onHelp} />}
    </nav>
  );
}

/** The pages that the bar has no room for, and the account. */
function More({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  return (
    <Dialog title="More" onClose={onClose}>
      <ul className="mb-4 flex flex-col">
        {places.slice(3).map(({ to, words, icon: Icon }) => (
          <li key={to}>
            <NavLink to={to} onClick={onClose} className="flex min-h-12 items-center gap-3 rounded-lg px-2">
              <Icon size={20} aria-hidden className="text-muted" />
              {words}
            </NavLink>
          </li>
        ))}
      </ul>
      <AccountPanel
        onHelp={() => {
          onClose();
          onHelp();
        }}
      />
    </Dialog>
  );
}
