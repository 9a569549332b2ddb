import type { SubmitTask } from '@corch/contract';
import { ApiError } from '@corch/contract/client';
import { ListChecks, Send } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent, type RefObject } from 'react';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { Field, inputClass } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { showDone } from '../ui/toast.js';
import {
  checkDraft,
  emptyDraft,
  errorsByField,
  keepDraft,
  readDraft,
  type Draft,
  type DraftErrors,
  type DraftProps,
} from './draft.js';
import { MoreOptions } from './more-options.js';
import { forgetAttempts } from './many-attempts.js';
import { ManyTasksDialog } from './many-tasks-dialog.js';
import { PreviewPanel } from './preview-panel.js';
import { listItems, listOf } from './prompt-list.js';
import { RepositoryFields } from './repository-fields.js';
import { useSubmitTask } from './use-submit-task.js';

export function NewTaskForm() {
  const [search] = useSearchParams();
  const [draft, setDraft] = useState(() => withRepository(readDraft(), search.get('repository')));
  const [errors, setErrors] = useState<DraftErrors>({});
  const [many, setMany] = useState<SubmitTask | null>(null);
  const submit = useSubmitTask();
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) form.current?.requestSubmit();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    keepDraft(next);
    // An error goes away as soon as its field is mended; new ones wait for the next submit.
    const left = checkDraft(next);
    const stillWrong = 'errors' in left ? left.errors : {};
    setErrors((shown) =>
      Object.fromEntries(
        Object.entries(shown).flatMap(([field]) =>
          field in stillWrong ? [[field, stillWrong[field as keyof DraftErrors]]] : [],
        ),
      ),
    );
  };

  const fail = (found: DraftErrors) => {
    setErrors(found);
    // The first wrong field, once it is drawn as wrong (and its options are open).
    setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), 0);
  };

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (submit.isPending) return;
    const checked = checkDraft(draft);
    if ('errors' in checked) return fail(checked.errors);
    setErrors({});
    submit.mutate(checked.task, {
      onSuccess: (task) => {
        keepDraft(null);
        forgetAttempts();
        void navigate(`/tasks/${task.id}`);
      },
      onError: (error) => {
        if (!(error instanceof ApiError)) return;
        if (error.code === 'pool_unknown') fail({ pool: error.message });
        else if (error.errors.length > 0) fail(errorsByField(error.errors, draft));
      },
    });
  };

  const items = draft.executor === 'claude' ? listItems(draft.prompt) : [];
  const makeMany = () => {
    const checked = checkDraft(draft);
    if ('errors' in checked) fail(checked.errors);
    else setMany(checked.task);
  };
  /** What was left out stays in the form. */
  const keepLeft = (left: readonly string[]) => {
    keepDraft(left.length === 0 ? null : { ...draft, prompt: listOf(left) });
    forgetAttempts();
    void navigate('/tasks');
  };
  const clear = () => {
    const before = draft;
    change(emptyDraft);
    forgetAttempts();
    if (before !== emptyDraft) showDone('The form is cleared.', () => change(before));
  };

  const isMapped = Object.keys(errors).some((field) => field !== 'form');
  return (
    <form ref={form} noValidate onSubmit={send} className="flex max-w-3xl flex-col gap-5">
      <WhatToRun draft={draft} errors={errors} onChange={change} first={first} />
      <RepositoryFields draft={draft} errors={errors} onChange={change} />
      <MoreOptions draft={draft} errors={errors} onChange={change} />
      <PreviewPanel draft={draft} />
      {errors.form !== undefined && (
        <Notice kind="error" title="Something in the request is not valid" announce>
          {errors.form}
        </Notice>
      )}
      {submit.error !== null && !isMapped && (
        <ErrorNotice error={submit.error} onRetry={send} pending={submit.isPending} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" pending={submit.isPending} icon={<Send size={15} aria-hidden />}>
          Submit task
        </Button>
        {items.length > 0 && (
          <Button onClick={makeMany} icon={<ListChecks size={15} aria-hidden />}>
            Make {items.length} tasks of the list…
          </Button>
        )}
        <Button look="quiet" onClick={clear}>
          Clear
        </Button>
        <span className="text-[0.8125rem] text-muted">
          <kbd className="rounded border border-line px-1">Ctrl</kbd> or{' '}
          <kbd className="rounded border border-line px-1">⌘</kbd> +{' '}
          <kbd className="rounded border border-line px-1">Enter</kbd> submits. The draft stays in this browser.
        </span>
      </div>
      {many !== null && (
        <ManyTasksDialog prompts={items} options={many} onSubmitted={keepLeft} onClose={() => setMany(null)} />
      )}
    </form>
  );
}

/** A link may name the repository; everything else stays as it was typed. */
function withRepository(draft: Draft, name: string | null): Draft {
  return name === null ? draft : { ...draft, source: 'name', repositoryName: name };
}

function WhatToRun({ draft, errors, onChange, first }: DraftProps & { first: RefObject<HTMLTextAreaElement | null> }) {
  return draft.executor === 'claude' ? (
    <Field
      label="Prompt"
      error={errors.prompt}
      hint="What Claude Code shall do. It works in a clone of its own; your checkout is not touched."
    >
      {(control) => (
        <textarea
          {...control}
          ref={first}
          rows={7}
          placeholder="Fix the flaky test in auth.spec.ts and say what was wrong."
          value={draft.prompt}
          onChange={(event) => onChange({ prompt: event.target.value })}
          className={inputClass}
        />
      )}
    </Field>
  ) : (
    <Field
      label="Command"
      error={errors.command}
      hint="The program and its arguments, one a line; no shell reads them. The worker must allow commands."
    >
      {(control) => (
        <textarea
          {...control}
          ref={first}
          rows={5}
          spellCheck={false}
          placeholder={'npm\ntest'}
          value={draft.command}
          onChange={(event) => onChange({ command: event.target.value })}
          className={`${inputClass} font-mono`}
        />
      )}
    </Field>
  );
}
