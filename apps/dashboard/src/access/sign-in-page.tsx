import { isRetryable } from '@corch/contract/client';
import type { OpenSession } from '@corch/contract';
import { useMutation } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router-dom';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys, queryClient } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { Field, inputClass } from '../ui/field.js';
import { Page } from '../ui/page.js';
import { linkToken, nextAddress } from './sign-in-link.js';

/** Signs this browser in, by a one-time link or an API key. */
export function SignInPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const [key, setKey] = useState('');
  const open = useMutation({
    mutationFn: (body: OpenSession) => client.openSession({ body }),
    onSuccess: (session) => {
      queryClient.clear();
      queryClient.setQueryData(keys.session, session);
      void navigate(nextAddress(search), { replace: true });
    },
  });
  const { mutate, reset } = open;
  const { hash } = useLocation();
  const sent = useRef<string | null>(null);
  useEffect(() => {
    const link = linkToken(hash);
    // A link works once: it must not be sent twice.
    if (link === null || link === sent.current) return;
    sent.current = link;
    mutate({ link });
    // Nor stay in the address bar or the history.
    void navigate({ search: location.search, hash: '' }, { replace: true });
  }, [hash, mutate, navigate]);
  const tried = open.variables;
  const isByLink = tried !== undefined && 'link' in tried;

  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-4 py-10">
      <Page title="Sign in" header={<Brand />}>
        {open.error !== null && (
          <ErrorNotice
            error={open.error}
            {...(isByLink && isRetryable(open.error) ? { onRetry: () => mutate(tried), pending: open.isPending } : {})}
          />
        )}
        {isByLink && open.isPending ? (
          <p role="status">Signing in with the link…</p>
        ) : (
          <form
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (key.trim() !== '') mutate({ key: key.trim() });
            }}
          >
            <Field
              label="API key"
              hint={
                <>
                  On the machine of the orchestrator <code className="font-mono">corch open</code> signs you in without
                  a key.
                </>
              }
            >
              {(control) => (
                <input
                  {...control}
                  type="password"
                  autoComplete="current-password"
                  spellCheck={false}
                  placeholder="corch_…"
                  value={key}
                  onChange={(event) => {
                    setKey(event.target.value);
                    reset();
                  }}
                  className={`${inputClass} font-mono`}
                />
              )}
            </Field>
            <Button
              type="submit"
              look="primary"
              pending={open.isPending}
              disabled={key.trim() === ''}
              icon={<LogIn size={16} aria-hidden />}
            >
              Sign in
            </Button>
          </form>
        )}
      </Page>
    </main>
  );
}

function Brand() {
  return (
    <div className="flex items-center gap-3">
      <img src="/favicon.svg" alt="" width={36} height={36} />
      <div>
        <p className="text-sm text-muted">Claude Orchestrator</p>
        <h1 tabIndex={-1} className="text-xl font-semibold">
          Sign in
        </h1>
      </div>
    </div>
  );
}
