import type { Repository } from '@corch/contract';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router-dom';
import { ConfirmDialog } from '../api/confirm-dialog.js';
import { isNotFound } from '../api/describe-error.js';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { tasksAddress } from '../tasks/list-address.js';
import { Button, ButtonLink } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Empty } from '../ui/notice.js';
import { Page } from '../ui/page.js';
import { Section } from '../ui/section.js';
import { SkeletonRows } from '../ui/skeleton.js';
import { AddressDialog } from './address-dialog.js';
import { Defaults } from './defaults.js';
import { Rules } from './rules.js';
import { Secrets } from './secrets.js';
import { Trust } from './trust.js';
import { useRemoveRepository, useRepository } from './use-repositories.js';

export function RepositoryPage() {
  const { repository: name = '' } = useParams();
  const { data, error, refetch, isFetching } = useRepository(name);
  if (data !== undefined && !isNotFound(error)) return <Shown repository={data} />;
  if (error === null) {
    return (
      <Page title={name}>
        <SkeletonRows count={4} label="Reading the repository" rowClass="h-20" />
      </Page>
    );
  }
  if (!isNotFound(error)) {
    return (
      <Page title={name}>
        <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />
      </Page>
    );
  }
  return (
    <Page title="No such repository">
      <Empty title="No repository is registered under this name. It may have been removed.">
        <code className="font-mono break-all">{name}</code>
        <ButtonLink to="/repositories">All repositories</ButtonLink>
      </Empty>
    </Page>
  );
}

function Shown({ repository }: { repository: Repository }) {
  const isAdmin = useMay('admin');
  const maySubmit = useMay('submit');
  const [open, setOpen] = useState<'none' | 'address' | 'remove'>('none');
  const { name, url, defaultBranch, branchTemplate } = repository;
  return (
    <Page
      title={name}
      tabTitle={`${name} · Repositories`}
      header={
        <header className="flex flex-col gap-2">
          <nav aria-label="Breadcrumb" className="text-[0.8125rem] text-muted">
            <Link to="/repositories" className="underline hover:text-ink">
              Repositories
            </Link>
          </nav>
          <div className="flex flex-wrap items-center justify-between gap-3">
            <h1 tabIndex={-1} className="text-xl font-semibold break-all">
              {name}
            </h1>
            <div className="flex flex-wrap gap-2">
              <ButtonLink to={tasksAddress(`repo:${name}`)}>Its tasks</ButtonLink>
              {maySubmit && (
                <ButtonLink to={`/new?repository=${name}`} icon={<Plus size={15} aria-hidden />}>
                  New task here
                </ButtonLink>
              )}
              {isAdmin && (
                <Button look="danger" onClick={() => setOpen('remove')} icon={<Trash2 size={15} aria-hidden />}>
                  Remove…
                </Button>
              )}
            </div>
          </div>
        </header>
      }
    >
      <Section
        title="Address and branches"
        action={
          isAdmin && (
            <Button
              aria-label="Change address and branches"
              onClick={() => setOpen('address')}
              icon={<Pencil size={15} aria-hidden />}
            >
              Change…
            </Button>
          )
        }
      >
        <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[auto_1fr]">
          <dt className="text-muted">Address</dt>
          <dd className="font-mono text-[0.8125rem] break-all">{url}</dd>
          <dt className="text-muted">Tasks start from</dt>
          <dd>{defaultBranch ?? 'the default branch of the server'}</dd>
          <dt className="text-muted">Branches are called</dt>
          <dd className="font-mono text-[0.8125rem] break-all">{branchTemplate ?? 'corch/{task}-{title}'}</dd>
        </dl>
      </Section>
      <Trust repository={repository} />
      <Secrets repository={repository} />
      <Defaults repository={repository} />
      <Rules repository={repository} />
      <CommandLine text={`corch repo show ${name}`} label="Copy the command that shows it in a terminal" />
      {open === 'address' && <AddressDialog repository={repository} onClose={() => setOpen('none')} />}
      {open === 'remove' && <RemoveDialog name={name} onClose={() => setOpen('none')} />}
    </Page>
  );
}

function RemoveDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const remove = useRemoveRepository(name);
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      actionWords="Remove the repository"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate('/repositories') })}
      onClose={onClose}
    >
      Its secrets, rules and defaults go with it and cannot be brought back. Its tasks stay, and go on as tasks of an
      unregistered address.
    </ConfirmDialog>
  );
}
