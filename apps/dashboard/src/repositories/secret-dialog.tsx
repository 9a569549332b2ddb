import { Name, secretUses, SetSecret, type Secret, type SecretUse } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { useSetSecret } from './use-repositories.js';

const useWords: Record<SecretUse, string> = { git: 'git: clone and push', api: 'API: pull requests' };

interface SecretDialogProps {
  repository: string;
  /** The one to replace; null for a new one. */
  secret: Secret | null;
  onClose: () => void;
}

/** Takes a value that is never shown again. */
export function SecretDialog({ repository, secret, onClose }: SecretDialogProps) {
  const [name, setName] = useState(secret?.name ?? 'token');
  const [value, setValue] = useState('');
  const [username, setUsername] = useState(secret?.username ?? '');
  const [uses, setUses] = useState<readonly SecretUse[]>(secret?.uses ?? secretUses);
  const [isSent, setSent] = useState(false);
  const set = useSetSecret(repository);
  const body = SetSecret.safeParse({
    value: value.trim(),
    ...(username.trim() !== '' && { username: username.trim() }),
    uses: [...uses],
  });
  const nameError = Name.safeParse(name).error?.issues[0]?.message;
  const errorOf = (field: string) =>
    isSent ? body.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  return (
    <Dialog title={secret === null ? `Set a secret of ${repository}` : `Replace ${secret.name}`} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (body.success && nameError === undefined) {
            set.mutate({ secret: name, body: body.data }, { onSuccess: onClose });
          }
        }}
      >
        {secret === null && (
          <Field label="Name" error={isSent ? nameError : undefined}>
            {(control) => (
              <input
                {...control}
                value={name}
                onChange={(event) => setName(event.target.value)}
                className={inputClass}
              />
            )}
          </Field>
        )}
        <Field label="Value" error={errorOf('value')} hint="Kept encrypted and never shown again.">
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="off"
              value={value}
              onChange={(event) => setValue(event.target.value)}
              className={`${inputClass} font-mono`}
            />
          )}
        </Field>
        <Field label="User name" error={errorOf('username')} hint="Only where the server asks for one.">
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              value={username}
              onChange={(event) => setUsername(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
          <legend className="mb-1 text-sm font-medium">What it is for</legend>
          {secretUses.map((use) => (
            <label key={use} className="inline-flex min-h-6 items-center gap-2 text-sm">
              <input
                type="checkbox"
                checked={uses.includes(use)}
                onChange={(event) =>
                  setUses(secretUses.filter((other) => (other === use ? event.target.checked : uses.includes(other))))
                }
                className="size-4 accent-accent"
              />
              {useWords[use]}
            </label>
          ))}
        </fieldset>
        <CommandLine text={`corch secret set ${repository} ${name} < token.txt`} label="Copy the command" />
        {set.error !== null && <ErrorNotice error={set.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Discard</Button>
          <Button look="primary" type="submit" pending={set.isPending}>
            Set the secret
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
