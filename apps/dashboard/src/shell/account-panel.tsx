import { version } from '@corch/contract';
import { useMutation } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useNavigate } from 'react-router-dom';
import { client } from '../api/client.js';
import { describeError } from '../api/describe-error.js';
import { queryClient } from '../api/query-client.js';
import { useSession } from '../api/session.js';
import { Button } from '../ui/button.js';
import { ThemeSwitch } from '../ui/theme-switch.js';
import { showToast } from '../ui/toast.js';

export function AccountPanel({ onHelp }: { onHelp: () => void }) {
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
    <div className="flex flex-col gap-3">
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
