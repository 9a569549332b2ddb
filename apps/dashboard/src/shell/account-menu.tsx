import { version } from '@corch/contract';
import { useMutation } from '@tanstack/react-query';
import { CircleUser, LogOut } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { client } from '../api/client.js';
import { describeError } from '../api/describe-error.js';
import { queryClient } from '../api/query-client.js';
import { useSession } from '../api/session.js';
import { Button } from '../ui/button.js';
import { ThemeSwitch } from '../ui/theme-switch.js';
import { showToast } from '../ui/toast.js';

/** Who is signed in, the theme, the way out. */
export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && holder.current?.contains(event.target) !== true) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, [isOpen]);
  return (
    <div ref={holder} className="relative">
      <button
        ref={button}
        type="button"
        aria-label="Account and theme"
        aria-expanded={isOpen}
        aria-controls={panel}
        onClick={() => setOpen(!isOpen)}
        className="inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
      >
        <CircleUser size={20} aria-hidden />
      </button>
      <div id={panel} hidden={!isOpen}>
        {isOpen && (
          <Panel
            onHelp={() => {
              setOpen(false);
              onHelp();
            }}
          />
        )}
      </div>
    </div>
  );
}

function Panel({ onHelp }: { onHelp: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => client.closeSession(),
    onSuccess: () => {
      void navigate('/sign-in', { replace: true });
      queryClient.clear();
    },
    onError: (error) => showToast(`Not signed out: ${describeError(error).detail}`),
  });
  return (
    <div className="absolute right-0 z-30 mt-2 flex w-72 flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-lg">
      <p className="text-sm">
        <span className="font-medium break-words">{session?.name}</span>
        <span className="text-muted"> · scope {session?.scope}</span>
      </p>
      <ThemeSwitch />
      <div className="flex gap-4 text-sm">
        <a href="/api/docs" className="text-accent underline">
          API docs
        </a>
        <button type="button" onClick={onHelp} className="text-accent underline">
          Keyboard and help
        </button>
      </div>
      <Button pending={signOut.isPending} onClick={() => signOut.mutate()} icon={<LogOut size={15} aria-hidden />}>
        Sign out
      </Button>
      <p className="text-xs text-muted">Version {version}</p>
    </div>
  );
}
