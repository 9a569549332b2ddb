import type { Key } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys, queryClient } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Empty } from '../ui/notice.js';
import { Section } from '../ui/section.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { RelativeTime } from '../ui/time.js';
import { CreateKeyDialog } from './create-key-dialog.js';

/** The API keys; for administrators. */
export function KeysSection() {
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => client.listKeys({ signal }),
  });
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  return (
    <Section
      title="Keys"
      action={
        <Button look="primary" onClick={() => setCreating(true)} icon={<Plus size={16} aria-hidden />}>
          Create a key
        </Button>
      }
    >
      <p className="max-w-2xl text-sm text-muted">
        A key lets a program or a person in. “submit” means running code as the user of the worker, so give it like a
        login.
      </p>
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {isPending && error === null && <SkeletonRows count={2} label="Reading the keys" rowClass="h-16" />}
      {data?.data.length === 0 && <Empty title="No key yet." />}
      <ul aria-label="Keys" className="divide-y divide-line">
        {data?.data.map((key) => (
          <KeyRow key={key.id} item={key} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      {isCreating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      {revoking !== null && <RevokeDialog item={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

function KeyRow({ item, onRevoke }: { item: Key; onRevoke: () => void }) {
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-1.5 py-3 text-sm">
      <span
        className={
          item.revokedAt === null ? 'min-w-32 font-medium break-words' : 'min-w-32 break-words text-muted line-through'
        }
      >
        {item.name}
      </span>
      <code className="font-mono text-[0.8125rem]">{item.prefix}…</code>
      <span className="rounded-full bg-slate-soft px-2.5 py-0.5 text-[0.8125rem] text-slate">{item.scope}</span>
      <span className="text-muted">
        created <RelativeTime at={item.createdAt} />
      </span>
      <span className="text-muted">
        {item.lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <RelativeTime at={item.lastUsedAt} />
          </>
        )}
      </span>
      {item.expiresAt !== null && item.revokedAt === null && (
        <span className="text-muted">
          expires <RelativeTime at={item.expiresAt} />
        </span>
      )}
      {item.revokedAt === null ? (
        <Button look="danger" className="ml-auto" aria-label={`Revoke ${item.name}`} onClick={onRevoke}>
          Revoke
        </Button>
      ) : (
        <span className="ml-auto text-muted">
          revoked <RelativeTime at={item.revokedAt} />
        </span>
      )}
    </li>
  );
}

function RevokeDialog({ item, onClose }: { item: Key; onClose: () => void }) {
  const revoke = useMutation({
    mutationFn: () => client.revokeKey({ params: { keyId: item.id } }),
    onSettled: () => void queryClient.invalidateQueries({ queryKey: keys.apiKeys }),
    onSuccess: onClose,
  });
  return (
    <Dialog title={`Revoke “${item.name}”?`} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p>Whoever uses it is refused from the next request on. A revoked key cannot be given back.</p>
        {revoke.error !== null && <ErrorNotice error={revoke.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" pending={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke the key
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
