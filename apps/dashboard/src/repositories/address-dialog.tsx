import { EditRepository, type Repository } from '@corch/contract';
import { useState } from 'react';
import { ErrorNotice } from '../api/error-notice.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field, inputClass } from '../ui/field.js';
import { useEditRepository } from './use-repositories.js';

export function AddressDialog({ repository, onClose }: { repository: Repository; onClose: () => void }) {
  const [text, setText] = useState({
    url: repository.url,
    defaultBranch: repository.defaultBranch ?? '',
    branchTemplate: repository.branchTemplate ?? '',
  });
  const [isSent, setSent] = useState(false);
  const edit = useEditRepository(repository.name);
  const orNull = (value: string) => (value.trim() === '' ? null : value.trim());
  const checked = EditRepository.safeParse({
    url: text.url.trim(),
    defaultBranch: orNull(text.defaultBranch),
    branchTemplate: orNull(text.branchTemplate),
  });
  const fields = [
    { name: 'url', label: 'Address', hint: 'On another server its secrets must be removed first.', placeholder: '' },
    {
      name: 'defaultBranch',
      label: 'Branch to start from',
      hint: 'What the server says when empty.',
      placeholder: 'main',
    },
    {
      name: 'branchTemplate',
      label: 'How branches of runs are called',
      hint: '{task} must be in it; {title} and {run} may be.',
      placeholder: 'corch/{task}-{title}',
    },
  ] as const;
  return (
    <Dialog title={`Address and branches of ${repository.name}`} onClose={onClose}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setSent(true);
          if (checked.success) edit.mutate(checked.data, { onSuccess: onClose });
        }}
      >
        {fields.map(({ name, label, hint, placeholder }) => (
          <Field
            key={name}
            label={label}
            hint={hint}
            error={isSent ? checked.error?.issues.find(({ path }) => path[0] === name)?.message : undefined}
          >
            {(control) => (
              <input
                {...control}
                spellCheck={false}
                placeholder={placeholder}
                value={text[name]}
                onChange={(event) => setText({ ...text, [name]: event.target.value })}
                className={`${inputClass} font-mono`}
              />
            )}
          </Field>
        ))}
        {edit.error !== null && <ErrorNotice error={edit.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it as it is</Button>
          <Button look="primary" type="submit" pending={edit.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
