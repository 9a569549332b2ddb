import { AddRepository } from '@corch/contract';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { repositoryWords } from '../tasks/task-words.js';
import { useAddRepository } from './use-repositories.js';

/** Registers an address under a name. Everything else is set on its page. */
export function AddRepositoryDialog({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('');
  const [typedName, setName] = useState<string | null>(null);
  const [branch, setBranch] = useState('');
  const [isSent, setSent] = useState(false);
  const add = useAddRepository();
  const navigate = useNavigate();
  const name = typedName ?? nameOf(url);
  const checked = AddRepository.safeParse({
    name,
    url: url.trim(),
    ...(branch.trim() !== '' && { defaultBranch: branch.trim() }),
  });
  const errorOf = (field: string) =>
    isSent ? checked.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  return (
    <Dialog title="Add a repository" onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (checked.success) {
            add.mutate(checked.data, { onSuccess: (added) => void navigate(`/repositories/${added.name}`) });
          }
        }}
      >
        <Field label="Address" error={errorOf('url')} hint="https, http or ssh, without a name or password in it.">
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              placeholder="https://example.org/acme/api.git"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
              className={`${inputClass} font-mono`}
            />
          )}
        </Field>
        <Field label="Name" error={errorOf('name')} hint="What tasks call it.">
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              value={name}
              onChange={(event) => setName(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        <Field label="Branch to start from" error={errorOf('defaultBranch')} hint="What the server says when empty.">
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              placeholder="main"
              value={branch}
              onChange={(event) => setBranch(event.target.value)}
              className={`${inputClass} font-mono`}
            />
          )}
        </Field>
        {checked.success && (
          <CommandLine
            text={`corch repo add ${checked.data.name} ${checked.data.url}${branch.trim() === '' ? '' : ` --branch ${branch.trim()}`}`}
            label="Copy the command"
          />
        )}
        {add.error !== null && <ErrorNotice error={add.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Discard</Button>
          <Button look="primary" type="submit" pending={add.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** `api` of `https://example.org/acme/api.git`. */
function nameOf(url: string): string {
  const last = repositoryWords({ url: url.trim() }).split('/').at(-1) ?? '';
  return last.replaceAll(/[^A-Za-z0-9._-]/g, '').slice(0, 63);
}
