import type { ApprovalRule, Repository } from '@corch/contract';
import { clsx } from 'clsx';
import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { useState } from 'react';
import { describeError } from '../api/describe-error.js';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { undoing } from '../api/undoing.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/section.js';
import { Skeleton } from '../ui/skeleton.js';
import { showDone, showToast } from '../ui/toast.js';
import { RuleDialog } from './rule-dialog.js';
import { useAddRule, useEditRule, useRemoveRule, useRules } from './use-repositories.js';

/** What is decided before a person is asked. The first rule that fits counts. */
export function Rules({ repository: { name } }: { repository: Repository }) {
  const { data, error, refetch, isFetching } = useRules(name);
  const isAdmin = useMay('admin');
  const [editing, setEditing] = useState<ApprovalRule | 'new' | null>(null);
  const rules = data?.data ?? [];
  return (
    <Section
      title="Approval rules"
      action={
        <Button onClick={() => setEditing('new')} icon={<Plus size={15} aria-hidden />}>
          {isAdmin ? 'Add a rule…' : 'Try a rule…'}
        </Button>
      }
    >
      <p className="text-sm text-muted">
        For tasks with the permission <code className="font-mono">ask</code>: the first rule that fits decides, and
        nobody is asked. Questions and plans are always for people.
      </p>
      {error !== null && <ErrorNotice error={error} onRetry={() => void refetch()} pending={isFetching} />}
      {data === undefined && error === null && <Skeleton className="h-10" />}
      {data !== undefined && rules.length === 0 && (
        <p className="text-sm">No rule: a person decides about everything.</p>
      )}
      <ol aria-label="Approval rules" className="divide-y divide-line empty:hidden">
        {rules.map((rule, index) => (
          <RuleRow
            key={rule.id}
            repository={name}
            rule={rule}
            position={index + 1}
            count={rules.length}
            onEdit={() => setEditing(rule)}
          />
        ))}
      </ol>
      {editing !== null && (
        <RuleDialog repository={name} rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Section>
  );
}

interface RuleRowProps {
  repository: string;
  rule: ApprovalRule;
  /** 1 for the first. */
  position: number;
  count: number;
  onEdit: () => void;
}

function RuleRow({ repository, rule, position, count, onEdit }: RuleRowProps) {
  const isAdmin = useMay('admin');
  const edit = useEditRule(repository, rule.id);
  const remove = useRemoveRule(repository);
  const add = useAddRule(repository);
  const words = `${rule.decision} ${rule.tool} ${rule.match}`;
  const { tool, match, decision, message } = rule;
  const move = (to: number) =>
    edit.mutate({ position: to }, { onError: (error) => showToast(`Not moved: ${describeError(error).detail}`) });
  const putBack = undoing(() => add.mutateAsync({ tool, match, decision, message, position }));
  const takeAway = () =>
    remove.mutate(rule.id, {
      onSuccess: () => showDone('The rule is removed.', putBack),
      onError: (error) => showToast(`Not removed: ${describeError(error).detail}`, takeAway),
    });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 py-2 text-sm">
      <span className="w-5 text-right text-muted tabular-nums">{position}</span>
      <span
        className={clsx(
          'rounded-full px-2.5 py-0.5 text-[0.8125rem] font-medium',
          decision === 'allow' ? 'bg-green-soft text-green' : 'bg-red-soft text-red',
        )}
      >
        {decision}
      </span>
      <span className="font-medium">{tool === '*' ? 'every tool' : tool}</span>
      <code className="min-w-0 font-mono text-[0.8125rem] break-all">{match}</code>
      {message !== null && <span className="min-w-0 break-words text-muted">“{message}”</span>}
      {isAdmin && (
        <span className="ml-auto flex gap-1">
          <Button
            look="quiet"
            className="px-2"
            aria-label={`Move up: ${words}`}
            disabled={position === 1 || edit.isPending}
            onClick={() => move(position - 1)}
            icon={<ArrowUp size={15} aria-hidden />}
          />
          <Button
            look="quiet"
            className="px-2"
            aria-label={`Move down: ${words}`}
            disabled={position === count || edit.isPending}
            onClick={() => move(position + 1)}
            icon={<ArrowDown size={15} aria-hidden />}
          />
          <Button aria-label={`Change: ${words}`} onClick={onEdit}>
            Change…
          </Button>
          <Button look="danger" aria-label={`Remove: ${words}`} pending={remove.isPending} onClick={takeAway}>
            Remove
          </Button>
        </span>
      )}
    </li>
  );
}
