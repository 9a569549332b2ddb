import type { LoginHold, Worker } from '@corch/contract';
import { Hourglass, KeyRound, RotateCw, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { useClock } from '../ui/clock.js';
import { CommandLine } from '../ui/copy-button.js';
import { Sentence } from '../ui/sentence.js';
import { shortTime } from '../ui/time-format.js';
import { holdWords, needsPerson } from './login-words.js';
import { useSetMode } from './use-workers.js';

/** What keeps a worker from working, with what mends it. */
export function WorkerTroubles({ worker }: { worker: Worker }) {
  const { trouble, outdated, loginHold, login } = worker;
  const { problem } = worker.claude;
  const isWell = [problem, trouble, outdated, loginHold].every((one) => one === null);
  if (isWell && login.kind !== 'none') return null;
  return (
    <div className="flex flex-col gap-2 rounded-lg bg-amber-soft p-3 text-sm">
      {outdated !== null && (
        <Line icon={TriangleAlert}>
          Takes nothing new: <Sentence text={outdated} />
        </Line>
      )}
      {problem !== null && (
        <Line icon={TriangleAlert}>
          <Sentence text={problem} />
        </Line>
      )}
      {trouble !== null && (
        <Line icon={TriangleAlert}>
          Takes nothing new: <Sentence text={trouble} />
        </Line>
      )}
      {login.kind === 'none' && (
        <>
          <Line icon={KeyRound}>
            Not signed in to Claude: only demo tasks and commands run here. On {worker.host} run:
          </Line>
          <CommandLine text="claude auth login" label="Copy the sign-in command" />
        </>
      )}
      {loginHold !== null && <HeldLogin worker={worker} hold={loginHold} />}
    </div>
  );
}

function HeldLogin({ worker, hold }: { worker: Worker; hold: LoginHold }) {
  const isAdmin = useMay('admin');
  const order = useSetMode(worker);
  const words = worker.mode === 'active' ? 'Try again' : 'Resume and try again';
  return (
    <>
      <Line icon={needsPerson(hold) ? KeyRound : Hourglass}>
        The login {holdWords(hold)}; nothing that needs it starts here. <Until hold={hold} />
      </Line>
      {needsPerson(hold) && <CommandLine text="claude auth login" label="Copy the sign-in command" />}
      {isAdmin && (
        <div>
          <Button
            aria-label={`${words}: the login of ${worker.name}`}
            pending={order.isPending}
            onClick={() => order.mutate('resume')}
            icon={<RotateCw size={15} aria-hidden />}
          >
            {words}
          </Button>
        </div>
      )}
    </>
  );
}

/** When it is tried again, or who has to mend it. */
function Until({ hold: { until } }: { hold: LoginHold }) {
  const words = useClock((now) => {
    if (until === null) return 'Sign in there anew, or give it another key and start it again:';
    const time = Date.parse(until);
    return time > now ? `One run tries it at ${shortTime(time, now)}, then the rest follow.` : 'One run tries it now.';
  });
  return <>{words}</>;
}

function Line({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <p className="flex gap-2">
      <Icon size={16} aria-hidden className="mt-0.5 shrink-0 text-amber" />
      <span className="min-w-0 break-words">{children}</span>
    </p>
  );
}
