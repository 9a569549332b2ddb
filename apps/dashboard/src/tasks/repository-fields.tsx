import { useRepositories } from '../repositories/use-repositories.js';
import { Field, inputClass } from '../ui/field.js';
import type { DraftProps } from './draft.js';

const sources = [
  { id: 'none', words: 'None, an empty folder' },
  { id: 'name', words: 'A registered one' },
  { id: 'path', words: 'A path on the worker' },
  { id: 'url', words: 'A remote' },
] as const;

/** Where the work starts. */
export function RepositoryFields({ draft, errors, onChange }: DraftProps) {
  const repositories = useRepositories().data?.data ?? [];
  // One that is chosen is offered even while the list is on its way, or when it is gone.
  const names = [...new Set([...repositories.map(({ name }) => name), draft.repositoryName])].filter(Boolean);
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 text-sm font-medium">Repository</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {sources
          .filter(({ id }) => id !== 'name' || names.length > 0)
          .map(({ id, words }) => (
            <label key={id} className="inline-flex min-h-6 items-center gap-2 text-sm">
              <input
                type="radio"
                name="source"
                value={id}
                checked={draft.source === id}
                onChange={() =>
                  onChange({
                    source: id,
                    ...(id === 'name' && draft.repositoryName === '' && { repositoryName: names[0] ?? '' }),
                  })
                }
                className="size-4 accent-accent"
              />
              {words}
            </label>
          ))}
      </div>
      {draft.source !== 'none' && (
        <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
          {draft.source === 'name' && (
            <Field
              label="Registered repository"
              error={errors.repositoryName}
              hint="Its defaults hold where nothing is said below."
            >
              {(control) => (
                <select
                  {...control}
                  value={draft.repositoryName}
                  onChange={(event) => onChange({ repositoryName: event.target.value })}
                  className={inputClass}
                >
                  {names.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              )}
            </Field>
          )}
          {draft.source === 'path' && (
            <Field label="Path" error={errors.path} hint="Absolute. The worker must allow it (--allow).">
              {(control) => (
                <input
                  {...control}
                  spellCheck={false}
                  placeholder="/home/me/src/api"
                  value={draft.path}
                  onChange={(event) => onChange({ path: event.target.value })}
                  className={`${inputClass} font-mono`}
                />
              )}
            </Field>
          )}
          {draft.source === 'url' && (
            <Field label="URL" error={errors.url} hint="Cloned with the git credentials of the worker.">
              {(control) => (
                <input
                  {...control}
                  spellCheck={false}
                  placeholder="https://example.org/acme/api.git"
                  value={draft.url}
                  onChange={(event) => onChange({ url: event.target.value })}
                  className={`${inputClass} font-mono`}
                />
              )}
            </Field>
          )}
          <Field
            label="Base"
            error={errors.ref}
            hint="Branch (also of another task), tag or commit; the default branch when empty."
          >
            {(control) => (
              <input
                {...control}
                spellCheck={false}
                placeholder="main"
                value={draft.ref}
                onChange={(event) => onChange({ ref: event.target.value })}
                className={`${inputClass} font-mono`}
              />
            )}
          </Field>
        </div>
      )}
    </fieldset>
  );
}
