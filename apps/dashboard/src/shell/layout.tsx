import { lazy, Suspense, useEffect, useState } from 'react';
import { Navigate, Outlet, ScrollRestoration, useLocation } from 'react-router-dom';
import { startConnection } from '../api/connection.js';
import { isSignedOut } from '../api/describe-error.js';
import { useSessionQuery } from '../api/session.js';
import { Toasts } from '../ui/toast.js';
import { Banners } from './banners.js';
import { BegunKeys } from './begun-keys.js';
import { HelpDialog } from './help-dialog.js';
import { useTabMark } from './inbox-count.js';
import { LoginAlert } from './login-alert.js';
import { PaletteWaiting } from './palette-frame.js';
import { PhoneBar } from './phone-bar.js';
import { PhoneTop } from './phone-top.js';
import { useShellCommands } from './shell-commands.js';
import { Sidebar } from './sidebar.js';
import { Starting } from './starting.js';

const Palette = lazy(async () => ({ default: (await import('./palette.js')).Palette }));

/** Around every page that needs a session. */
export function Layout() {
  const { data: session, error } = useSessionQuery();
  const { pathname, search, hash } = useLocation();
  if (isSignedOut(error)) {
    const next = pathname + search + hash;
    return <Navigate to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} replace />;
  }
  if (session === undefined) return <Starting error={error} />;
  return <SignedIn />;
}

function SignedIn() {
  const [open, setOpen] = useState<'none' | 'help' | 'palette'>('none');
  const [typed, setTyped] = useState('');
  const close = () => setOpen('none');
  const search = () => {
    setTyped('');
    setOpen('palette');
  };
  const help = () => setOpen('help');
  useEffect(startConnection, []);
  useTabMark();
  useShellCommands(search, help);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only z-40 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Sidebar onSearch={search} onHelp={help} />
      <div className="min-w-0 flex-1">
        <PhoneTop onSearch={search} />
        <Banners />
        <LoginAlert />
        <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-4 pb-24 sm:px-6 sm:pt-6 sm:pb-10">
          <Outlet />
        </main>
      </div>
      <PhoneBar onHelp={help} />
      <BegunKeys />
      <Toasts />
      {open === 'help' && <HelpDialog onClose={close} />}
      {open === 'palette' && (
        <Suspense fallback={<PaletteWaiting text={typed} onText={setTyped} onClose={close} />}>
          <Palette startText={typed} onClose={close} />
        </Suspense>
      )}
      <ScrollRestoration />
    </div>
  );
}
