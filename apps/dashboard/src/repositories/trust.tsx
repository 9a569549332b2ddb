import type { Repository } from '@corch/contract';
import { useState } from 'react';
import { ConfirmDialog } from '../api/confirm-dialog.js';
import { describeError } from '../api/describe-error.js';
import { useMay } from '../api/session.js';
import { undoing } from '../api/undoing.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Section } from '../ui/section.js';
import { showDone, showToast } from '../ui/toast.js';
import { TrustedMark } from './repositories-page.js';
import { useEditRepository } from './use-repositories.js';

/** Whether the repository's own settings, hooks and MCP servers take part. Giving trust is asked for, taking it is not. */
export function Trust({ repository }: { repository: Repository }) {
  const { name, trusted } = repository;
  const isAdmin = useMay('admin');
  const edit = useEditRepository(name);
  const [isAsking, setAsking] = useState(false);
  const distrust = () =>
    edit.mutate(
      { trusted: false },
      {
        onSuccess: () =>
          showDone(
            `${name} is not trusted any more.`,
            undoing(() => edit.mutateAsync({ trusted: true })),
          ),
        onError: (error) => showToast(`Not changed: ${describeError(error).detail}`, distrust),
      },
    );
  return (
    <Section
      title="Trust"
      action={
        isAdmin && (
          <Button pending={edit.isPending} onClick={trusted ? distrust : () => setAsking(true)}>
            {trusted ? 'Take the trust back' : 'Trust it…'}
          </Button>
        )
      }
    >
      <p className="text-sm text-muted">
        {trusted ? (
          <>
            <TrustedMark /> Claude Code takes the settings, hooks and MCP servers that the repository brings: whoever
            can commit there runs programs as the user of the worker.
          </>
        ) : (
          'Claude Code starts without the settings, hooks and MCP servers that the repository brings. Its CLAUDE.md is passed on as text.'
        )}
      </p>
      {isAsking && (
        <ConfirmDialog
          title={`Trust ${name}?`}
          keepWords="Do not trust it"
          actionWords="Trust the repository"
          pending={edit.isPending}
          error={edit.error}
          onConfirm={() => edit.mutate({ trusted: true }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          <p className="mb-3">
            From the next run on, whoever can commit there runs programs as the user of the worker, through settings,
            hooks and MCP servers.
          </p>
          <CommandLine text={`corch repo trust ${name}`} label="Copy the command" />
        </ConfirmDialog>
      )}
    </Section>
  );
}
