import { clsx } from 'clsx';
import { Inbox, KeyRound, ListTodo, Plus, Server } from 'lucide-react';
import { NavLink } from 'react-router-dom';
import { useMay } from '../api/session.js';
import { InboxCount } from './inbox-count.js';

/** The main ways, at the thumb. */
export function PhoneBar() {
  const isAdmin = useMay('admin');
  const maySubmit = useMay('submit');
  const places = [
    { to: '/tasks', words: 'Tasks', icon: ListTodo, shown: true },
    { to: '/new', words: 'New', icon: Plus, shown: maySubmit },
    { to: '/approvals', words: 'Inbox', icon: Inbox, shown: true },
    { to: '/workers', words: 'Workers', icon: Server, shown: true },
    { to: '/keys', words: 'Keys', icon: KeyRound, shown: isAdmin },
  ];
  return (
    <nav
      aria-label="Main, phone"
      className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {places
        .filter((place) => place.shown)
        .map(({ to, words, icon: Icon }) => (
          <NavLink
            key={to}
            to={to}
            className={({ isActive }) =>
              clsx(
                'flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs -outline-offset-2',
                isActive ? 'font-medium text-accent' : 'text-muted',
              )
            }
          >
            <Icon size={20} aria-hidden />
            <span className="inline-flex items-center">
              {words}
              {to === '/approvals' && <InboxCount />}
            </span>
          </NavLink>
        ))}
    </nav>
  );
}
