import type { Repository, Secret } from '@corch/contract';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDialog } from '../api/confirm-dialog.js';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';
import { SecretDialog } from './secret-dialog.js';
import { useRemoveSecret, useSecrets } from './use-repositories.js';

/** What git and the API of its server sign in with. Written and never shown. */
export function Secrets({ repository }: { repository: Repository }) {
  const { data, error, refetch, isFetching } = useSecrets(repository.name);
  const isAdmin = useMay('admin');
  const [setting, setSetting] = useState<Secret | 'new' | null>(null);
  const [removing, setRemoving] = useState<Secret | null>(null);
  return (
    <Section
      title="Secrets"
      action={
        isAdmin && (
          <Button onClick={() => setSetting('new')} icon={<Plus size={15} aria-hidden />}>
            Set a secret…
          </Button>
        )
      }
    >
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {data === undefined && error === null && <Skeleton className="h-10" />}
      {data?.data.length === 0 && (
        <p className="text-sm text-muted">
          None: git uses what the user of the worker has, such as a credential helper or an SSH agent.
        </p>
      )}
      <ul aria-label="Secrets" className="divide-y divide-line empty:hidden">
        {data?.data.map((secret) => (
          <li key={secret.name} className="flex flex-wrap items-center gap-x-4 gap-y-1.5 py-2 text-sm">
            <span className="inline-flex items-center gap-2 font-medium">
              <KeyRound size={15} aria-hidden className="text-muted" />
              {secret.name}
            </span>
            <span className="text-muted">{usesWords(secret)}</span>
            {!secret.readable && <span className="text-red">cannot be read: its key is not at hand</span>}
            <span className="text-[0.8125rem] text-muted">
              set <RelativeTime at={secret.updatedAt} /> by {secret.updatedBy}
            </span>
            {isAdmin && (
              <span className="ml-auto flex gap-2">
                <Button aria-label={`Replace ${secret.name}`} onClick={() => setSetting(secret)}>
                  Replace…
                </Button>
                <Button look="danger" aria-label={`Remove ${secret.name}`} onClick={() => setRemoving(secret)}>
                  Remove
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {setting !== null && (
        <SecretDialog
          repository={repository.name}
          secret={setting === 'new' ? null : setting}
          onClose={() => setSetting(null)}
        />
      )}
      {removing !== null && <RemoveSecret secret={removing} onClose={() => setRemoving(null)} />}
    </Section>
  );
}

function usesWords({ uses, username }: Secret): string {
  const what =
    uses.length === 0 ? 'nothing uses it' : `for ${uses.map((use) => (use === 'api' ? 'the API' : use)).join(' and ')}`;
  return username === null ? what : `${what}, as ${username}`;
}

function RemoveSecret({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const remove = useRemoveSecret(secret.repository, secret.name);
  return (
    <ConfirmDialog
      title={`Remove the secret ${secret.name}?`}
      actionWords="Remove the secret"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Runs that need it fail and say so until it is set again. Its value cannot be brought back.
    </ConfirmDialog>
  );
}
