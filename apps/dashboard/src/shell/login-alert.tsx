import type { Worker } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { Link } from 'react-router-dom';
import { client } from '../api/client.js';
import { useFallbackInterval } from '../api/connection.js';
import { keys } from '../api/query-client.js';
import { holdWords, needsPerson } from '../workers/login-words.js';
import { Banner } from './banner.js';

/** One alert, however many tasks wait for it: a login that works again only when somebody mends it. */
export function LoginAlert() {
  const { data = [] } = useQuery({
    // Not the list of the workers page: that is read again with every task that changes.
    queryKey: keys.heldLogins,
    queryFn: ({ signal }) => client.listWorkers({ signal }),
    select: ({ data: workers }) => workers.filter(({ loginHold }) => needsPerson(loginHold)),
    refetchInterval: useFallbackInterval(),
  });
  const [first, ...more] = data;
  return <div role="alert">{first !== undefined && <Alert worker={first} more={more.length} />}</div>;
}

function Alert({ worker, more }: { worker: Worker; more: number }) {
  const { name, loginHold } = worker;
  if (loginHold === null) return null;
  return (
    <Banner tone="bg-red-soft text-red" icon={<KeyRound size={16} aria-hidden className="mt-0.5 shrink-0" />}>
      The Claude login of <strong>{name}</strong> {holdWords(loginHold)}: nothing that needs it starts there
      {more > 0 && `, nor on ${more === 1 ? '1 other worker' : `${more} other workers`}`}. Sign in anew there, then try
      again under{' '}
      <Link to="/workers" className="font-medium underline">
        Workers
      </Link>
      .
    </Banner>
  );
}
