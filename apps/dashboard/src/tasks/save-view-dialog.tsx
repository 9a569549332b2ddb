import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { useMay } from '../api/session.js';
import { Button } from '../ui/button.js';
import { CommandLine } from '../ui/copy-button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { shellWord } from '../ui/shell-word.js';
import type { ListAddress } from './list-address.js';
import { useCreateView } from './use-views.js';

export function SaveViewDialog({ address, onClose }: { address: ListAddress; onClose: () => void }) {
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  const maySubmit = useMay('submit');
  const create = useCreateView();
  const filter = address.filter.trim();
  return (
    <Dialog title="Save this filter as a view" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() === '') return;
          create.mutate({ name: name.trim(), filter, sort: address.sort, shared: isShared }, { onSuccess: onClose });
        }}
      >
        <Field label="Name" hint={<code className="font-mono break-all">{filter}</code>}>
          {(control) => (
            <input
              {...control}
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.target.value)}
              className={inputClass}
            />
          )}
        </Field>
        {maySubmit && (
          <label className="inline-flex min-h-6 items-center gap-2 text-sm">
            <input
              type="checkbox"
              checked={isShared}
              onChange={(event) => setShared(event.target.checked)}
              className="size-4 accent-accent"
            />
            Everybody sees it
          </label>
        )}
        {name.trim() !== '' && (
          <CommandLine
            text={`corch view save ${shellWord(name.trim())} ${shellWord(filter)}${isShared ? ' --share' : ''}`}
            label="Copy the command"
          />
        )}
        {create.error !== null && <ErrorNotice error={create.error} />}
        <Button
          type="submit"
          look="primary"
          className="self-end"
          disabled={name.trim() === ''}
          pending={create.isPending}
        >
          Save the view
        </Button>
      </form>
    </Dialog>
  );
}
