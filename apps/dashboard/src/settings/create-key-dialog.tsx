import { CreateKey, Scope } from '@corch/contract';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../api/client.js';
import { ErrorNotice } from '../api/error-notice.js';
import { keys, queryClient } from '../api/query-client.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { Notice } from '../ui/notice.js';

const scopeWords: Record<Scope, string> = {
  read: 'read: see everything',
  submit: 'submit: also submit and steer tasks',
  admin: 'admin: everything, also keys and workers',
};

const lifetimes = [
  { words: 'never expires', days: 0 },
  { words: 'expires in 30 days', days: 30 },
  { words: 'expires in 90 days', days: 90 },
  { words: 'expires in a year', days: 365 },
];

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const create = useMutation({
    mutationFn: (body: CreateKey) => client.createKey({ body }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: keys.apiKeys }),
  });
  return (
    <Dialog title="Create a key" onClose={onClose}>
      {create.data === undefined ? (
        <CreateForm onCreate={create.mutate} error={create.error} isPending={create.isPending} />
      ) : (
        <div className="flex flex-col gap-4">
          <Notice kind="warn" title="This is the only time the key is shown. Keep it now.">
            Programs send it as <code className="font-mono">Authorization: Bearer …</code>, best from the environment.
          </Notice>
          <CommandLine text={create.data.key} label="Copy the key" />
          <Button look="primary" className="self-end" onClick={onClose}>
            I have kept it
          </Button>
        </div>
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  onCreate: (body: CreateKey) => void;
  error: unknown;
  isPending: boolean;
}

function CreateForm({ onCreate, error, isPending }: CreateFormProps) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('submit');
  const [days, setDays] = useState(0);
  const [nameError, setNameError] = useState<string | undefined>(undefined);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const expires = days === 0 ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() };
        const checked = CreateKey.safeParse({ name, scope, ...expires });
        if (checked.success) onCreate(checked.data);
        else setNameError('Say in up to 100 characters what the key is for.');
      }}
    >
      <Field label="Name" error={nameError} hint="What you will recognise it by.">
        {(control) => (
          <input
            {...control}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
              setNameError(undefined);
            }}
            className={inputClass}
          />
        )}
      </Field>
      <Field label="Scope" hint="submit and admin run code as the user of the worker.">
        {(control) => (
          <select
            {...control}
            value={scope}
            onChange={(event) => setScope(Scope.parse(event.target.value))}
            className={inputClass}
          >
            {Scope.options.toReversed().map((option) => (
              <option key={option} value={option}>
                {scopeWords[option]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Lifetime">
        {(control) => (
          <select
            {...control}
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
            className={inputClass}
          >
            {lifetimes.map((lifetime) => (
              <option key={lifetime.days} value={lifetime.days}>
                {lifetime.words}
              </option>
            ))}
          </select>
        )}
      </Field>
      {error !== null && <ErrorNotice error={error} />}
      <Button type="submit" look="primary" className="self-end" pending={isPending}>
        Create
      </Button>
    </form>
  );
}
