import { clsx } from 'clsx';
import { CircleHelp } from 'lucide-react';
import { Link, NavLink } from 'react-router-dom';
import { connection, useIsOnline } from '../api/connection.js';
import { useMay } from '../api/session.js';
import { useStore } from '../ui/store.js';
import { AccountMenu } from './account-menu.js';
import { InboxCount } from './inbox-count.js';

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const isAdmin = useMay('admin');
  const look = ({ isActive }: { isActive: boolean }) =>
    clsx(
      'inline-flex min-h-8 items-center rounded-md px-3 text-sm',
      isActive ? 'bg-sunken font-medium' : 'text-muted hover:text-ink',
    );
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex h-13 max-w-6xl items-center gap-2 px-4 sm:px-6">
        <Link to="/tasks" className="flex items-center gap-2 font-semibold">
          <img src="/favicon.svg" alt="" width={24} height={24} />
          <span className="max-sm:text-sm">Claude Orchestrator</span>
        </Link>
        <nav aria-label="Main" className="ml-4 hidden gap-1 sm:flex">
          <NavLink to="/tasks" className={look}>
            Tasks
          </NavLink>
          <NavLink to="/approvals" className={look}>
            Inbox
            <InboxCount />
          </NavLink>
          <NavLink to="/workers" className={look}>
            Workers
          </NavLink>
          {isAdmin && (
            <NavLink to="/keys" className={look}>
              Keys
            </NavLink>
          )}
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <StreamDot />
          <button
            type="button"
            aria-label="Keyboard and help"
            onClick={onHelp}
            className="hidden size-8 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink sm:inline-flex"
          >
            <CircleHelp size={18} aria-hidden />
          </button>
          <AccountMenu onHelp={onHelp} />
        </div>
      </div>
    </header>
  );
}

/** Whether the page follows the orchestrator. */
function StreamDot() {
  const { state } = useStore(connection);
  const isOnline = useIsOnline();
  const words = !isOnline
    ? 'Offline'
    : state === 'live'
      ? 'Live'
      : state === 'connecting'
        ? 'Connecting'
        : 'Reconnecting';
  const dot = !isOnline ? 'bg-red' : state === 'live' ? 'bg-green' : 'bg-amber';
  return (
    <span className="mr-1 inline-flex items-center gap-1.5 text-[0.8125rem] text-muted">
      <span aria-hidden className={clsx('size-2 rounded-full', dot)} />
      {words}
    </span>
  );
}
