import type { Repository } from '@corch/contract';
import { FolderGit2, KeyRound, Plus, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { useRowKeys } from '../tasks/use-row-keys.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { AddRepositoryDialog } from './add-repository-dialog.js';
import { defaultsWords } from './defaults-text.js';
import { useRepositories } from './use-repositories.js';

/** The registered repositories. */
export function RepositoriesPage() {
  const { data, error, isPending, isFetching, refetch } = useRepositories();
  const isAdmin = useMay('admin');
  const [isAdding, setAdding] = useState(false);
  useRowKeys();
  useCommands('Repositories', isAdmin ? [{ keys: 'a', words: 'Add a repository', run: () => setAdding(true) }] : []);
  return (
    <Page
      title="Repositories"
      actions={
        isAdmin && (
          <Button look="primary" onClick={() => setAdding(true)} icon={<Plus size={16} aria-hidden />}>
            Add a repository
          </Button>
        )
      }
    >
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {isPending && error === null && <SkeletonRows count={3} label="Reading the repositories" rowClass="h-18" />}
      {data?.data.length === 0 && (
        <Empty title="No repository is registered.">
          <p>
            Tasks can name any address that a worker allows. A registered one has a short name, defaults for its tasks,
            secrets, trust and approval rules.
          </p>
          <div className="w-full text-left">
            <CommandLine text="corch repo add api https://example.org/acme/api.git" label="Copy the command" />
          </div>
        </Empty>
      )}
      <ul aria-label="Repositories" className="flex flex-col gap-2">
        {data?.data.map((repository) => (
          <RepositoryRow key={repository.id} repository={repository} />
        ))}
      </ul>
      {isAdding && <AddRepositoryDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function RepositoryRow({ repository }: { repository: Repository }) {
  const { name, url, trusted, gitSecret, apiSecret, defaults } = repository;
  const words = defaultsWords(defaults);
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1.5 rounded-xl border border-line bg-surface px-4 py-3 text-sm hover:border-control">
      <FolderGit2 size={18} aria-hidden className="text-muted" />
      <div className="min-w-0 flex-1">
        <Link
          to={`/repositories/${name}`}
          data-row
          className="font-medium outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          {name}
        </Link>
        <p className="truncate text-[0.8125rem] text-muted">{url}</p>
      </div>
      <span className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[0.8125rem] text-muted max-sm:w-full">
        {words !== '' && <span className="max-w-80 truncate">{words}</span>}
        {(gitSecret !== null || apiSecret !== null) && (
          <span className="inline-flex items-center gap-1">
            <KeyRound size={14} aria-hidden />
            secret
          </span>
        )}
        {trusted && <TrustedMark />}
      </span>
    </li>
  );
}

export function TrustedMark() {
  return (
    <span className="inline-flex items-center gap-1 rounded-full bg-amber-soft px-2 py-0.5 text-[0.8125rem] font-medium text-amber">
      <ShieldCheck size={14} aria-hidden />
      trusted
    </span>
  );
}
