import { useEffect, useState } from 'react';
import { Navigate, Outlet, ScrollRestoration, useLocation, useNavigate } from 'react-router-dom';
import { startConnection } from '../api/connection.js';
import { isSignedOut } from '../api/describe-error.js';
import { useSessionQuery } from '../api/session.js';
import { useShortcuts } from '../ui/shortcuts.js';
import { Toasts } from '../ui/toast.js';
import { Banners } from './banners.js';
import { HelpDialog } from './help-dialog.js';
import { LoginAlert } from './login-alert.js';
import { TopBar } from './top-bar.js';
import { PhoneBar } from './phone-bar.js';
import { Starting } from './starting.js';

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
  const navigate = useNavigate();
  const [isHelping, setHelping] = useState(false);
  useEffect(startConnection, []);
  useShortcuts({
    c: () => void navigate('/new'),
    '?': () => setHelping(true),
    'g t': () => void navigate('/tasks'),
    'g w': () => void navigate('/workers'),
  });
  return (
    <>
      <a
        href="#main"
        className="sr-only z-40 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <TopBar onHelp={() => setHelping(true)} />
      <Banners />
      <LoginAlert />
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-4 pb-24 sm:px-6 sm:pb-10">
        <Outlet />
      </main>
      <PhoneBar />
      <Toasts />
      {isHelping && <HelpDialog onClose={() => setHelping(false)} />}
      <ScrollRestoration />
    </>
  );
}
