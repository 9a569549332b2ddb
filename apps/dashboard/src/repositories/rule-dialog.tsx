import { AddRule, type ApprovalRule } from '@corch/contract';
import { useState } from 'react';
import type { z } from 'zod';
import { Link } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { askedWords } from '../approvals/asked-words.js';
import { decisionWords } from '../approvals/decision-words.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { shellWord } from '../ui/shell-word.js';
import { useAddRule, useEditRule, usePreviewRule } from './use-repositories.js';

interface Text {
  tool: string;
  match: string;
  decision: ApprovalRule['decision'];
  message: string;
}

interface RuleDialogProps {
  repository: string;
  /** The one to change; null for a new one. */
  rule: ApprovalRule | null;
  onClose: () => void;
}

/** Asks for a rule, and shows before it is kept which of the last requests it would have decided. */
export function RuleDialog({ repository, rule, onClose }: RuleDialogProps) {
  const [text, setText] = useState<Text>({
    tool: rule?.tool ?? 'Bash',
    match: rule?.match ?? '',
    decision: rule?.decision ?? 'allow',
    message: rule?.message ?? '',
  });
  const [isSent, setSent] = useState(false);
  const isAdmin = useMay('admin');
  const add = useAddRule(repository);
  const edit = useEditRule(repository, rule?.id ?? '');
  const preview = usePreviewRule(repository);
  const save = rule === null ? add : edit;
  const message = text.decision === 'deny' && text.message.trim() !== '' ? text.message.trim() : null;
  const checked = AddRule.safeParse({
    tool: text.tool.trim(),
    match: text.match.trim(),
    decision: text.decision,
    message,
  });
  const errorOf = (field: string) =>
    isSent ? checked.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  const change = (part: Partial<Text>) => {
    setText({ ...text, ...part });
    preview.reset();
  };
  return (
    <Dialog title={rule === null ? 'Add an approval rule' : 'Change the rule'} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (checked.success && isAdmin) save.mutate(checked.data, { onSuccess: onClose });
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Tool" error={errorOf('tool')} hint="* for every tool.">
            {(control) => (
              <input
                {...control}
                spellCheck={false}
                value={text.tool}
                onChange={(event) => change({ tool: event.target.value })}
                className={inputClass}
              />
            )}
          </Field>
          <Field label="Decision">
            {(control) => (
              <select
                {...control}
                value={text.decision}
                onChange={(event) => change({ decision: event.target.value === 'deny' ? 'deny' : 'allow' })}
                className={inputClass}
              >
                <option value="allow">allow</option>
                <option value="deny">deny</option>
              </select>
            )}
          </Field>
        </div>
        <Field
          label="Command, path or address"
          error={errorOf('match')}
          hint="In a command * is any text that begins no other command; in a path ** also crosses folders. ** alone is everything."
        >
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              placeholder="npm test *"
              value={text.match}
              onChange={(event) => change({ match: event.target.value })}
              className={`${inputClass} font-mono`}
            />
          )}
        </Field>
        {text.decision === 'deny' && (
          <Field label="What Claude is told" error={errorOf('message')}>
            {(control) => (
              <input
                {...control}
                value={text.message}
                onChange={(event) => change({ message: event.target.value })}
                className={inputClass}
              />
            )}
          </Field>
        )}
        <Preview preview={preview} />
        {rule === null && checked.success && (
          <CommandLine text={ruleLine(repository, checked.data)} label="Copy the command" />
        )}
        {save.error !== null && <ErrorNotice error={save.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button
            pending={preview.isPending}
            onClick={() => {
              setSent(true);
              if (checked.success) preview.mutate(checked.data);
            }}
          >
            Try it on past requests
          </Button>
          {isAdmin && (
            <Button look="primary" type="submit" pending={save.isPending}>
              {rule === null ? 'Add the rule' : 'Save'}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** The line that adds the same rule. */
function ruleLine(repository: string, { decision, tool, match, message }: z.output<typeof AddRule>): string {
  const told = message === null ? '' : ` -m ${shellWord(message)}`;
  return `corch rule add ${repository} ${decision} ${shellWord(tool)} ${shellWord(match)}${told}`;
}

function Preview({ preview: { data, error } }: { preview: ReturnType<typeof usePreviewRule> }) {
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <div role="status" className="text-sm empty:hidden">
      {data !== undefined && (
        <>
          <p className="font-medium">
            {data.looked === 0
              ? 'Nothing was asked in this repository yet.'
              : `It fits ${data.fits} of the last ${data.looked} requests.`}
          </p>
          <div
            className="mt-2 max-h-48 overflow-y-auto empty:hidden"
            tabIndex={0}
            role="group"
            aria-label="Requests that it fits"
          >
            <ul className="flex flex-col gap-1">
              {data.data.map((approval) => (
                <li key={approval.id} className="flex flex-col text-[0.8125rem]">
                  <Link to={`/tasks/${approval.taskId}`} className="font-mono break-all underline">
                    {typeof approval.input['command'] === 'string' ? approval.input['command'] : askedWords(approval)}
                  </Link>
                  <span className="text-muted">{decisionWords(approval)}</span>
                </li>
              ))}
            </ul>
          </div>
        </>
      )}
    </div>
  );
}
