import { PermissionPolicy, type Repository } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { isPlain, readDefaults, showDefaults, type DefaultsText } from './defaults-text.js';
import { useEditRepository } from './use-repositories.js';

type LineField = Exclude<keyof DefaultsText, 'permissionPolicy' | 'setup' | 'checks'>;

const lines: readonly { name: LineField; label: string; placeholder?: string; hint?: string }[] = [
  { name: 'model', label: 'Model', placeholder: 'sonnet, opus, haiku' },
  { name: 'pool', label: 'Pool', placeholder: 'default' },
  { name: 'labels', label: 'Labels', hint: 'Separated by commas.' },
  { name: 'requirements', label: 'Requirements', hint: 'Labels that the worker must carry.' },
  { name: 'timeoutMinutes', label: 'Timeout in minutes', placeholder: '120' },
  { name: 'budgetUsd', label: 'Budget in US dollars (est.)', placeholder: 'none' },
  { name: 'maxTurns', label: 'Most turns', placeholder: 'no limit' },
  { name: 'retries', label: 'Retries after a failure', placeholder: '0' },
  { name: 'priority', label: 'Priority', placeholder: '0', hint: 'Seconds its tasks are put ahead.' },
];

export function DefaultsDialog({ repository, onClose }: { repository: Repository; onClose: () => void }) {
  const { defaults } = repository;
  const [text, setText] = useState(() => showDefaults(defaults));
  const [isSent, setSent] = useState(false);
  const edit = useEditRepository(repository.name);
  const read = readDefaults(text, defaults);
  const errors = isSent && 'errors' in read ? read.errors : {};
  const change = (part: Partial<DefaultsText>) => setText({ ...text, ...part });
  return (
    <Dialog title={`Defaults of the tasks of ${repository.name}`} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if ('defaults' in read) edit.mutate({ defaults: read.defaults }, { onSuccess: onClose });
        }}
      >
        <p className="text-sm text-muted">
          They hold from the next submit. What is left empty is as the orchestrator gives it to every task.
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          {lines.map(({ name, label, hint, placeholder }) => (
            <Field key={name} label={label} hint={hint} error={errors[name]}>
              {(control) => (
                <input
                  {...control}
                  spellCheck={false}
                  placeholder={placeholder}
                  value={text[name]}
                  onChange={(event) => change({ [name]: event.target.value })}
                  className={inputClass}
                />
              )}
            </Field>
          ))}
          <Field label="Permissions" error={errors.permissionPolicy}>
            {(control) => (
              <select
                {...control}
                value={text.permissionPolicy}
                onChange={(event) => {
                  const policy = PermissionPolicy.safeParse(event.target.value);
                  change({ permissionPolicy: policy.success ? policy.data : '' });
                }}
                className={inputClass}
              >
                <option value="">as every task (work)</option>
                {PermissionPolicy.options.map((policy) => (
                  <option key={policy}>{policy}</option>
                ))}
              </select>
            )}
          </Field>
        </div>
        {(['setup', 'checks'] as const).map((name) => (
          <Field
            key={name}
            label={name === 'setup' ? 'Setup: run before Claude' : 'Checks: run after Claude'}
            error={errors[name]}
            hint={
              isPlain(defaults[name])
                ? 'One command a line.'
                : 'These have names or argument lists; change them through the API.'
            }
          >
            {(control) => (
              <textarea
                {...control}
                rows={3}
                spellCheck={false}
                disabled={!isPlain(defaults[name])}
                placeholder={name === 'setup' ? 'npm ci' : 'npm test'}
                value={text[name]}
                onChange={(event) => change({ [name]: event.target.value })}
                className={`${inputClass} font-mono`}
              />
            )}
          </Field>
        ))}
        {errors.form !== undefined && (
          <Notice kind="error" title="Something in the defaults is not valid" announce>
            {errors.form}
          </Notice>
        )}
        {edit.error !== null && <ErrorNotice error={edit.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave them as they are</Button>
          <Button look="primary" type="submit" pending={edit.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
