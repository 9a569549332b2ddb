import type { View } from '@corch/contract';
import { clsx } from 'clsx';
import { Bookmark, BookmarkPlus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { describeError } from '../api/describe-error.js';
import { useMay } from '../api/session.js';
import { undoing } from '../api/undoing.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { Menu } from '../ui/menu.js';
import { showDone, showToast } from '../ui/toast.js';
import { systemViews, type ListAddress } from './list-address.js';
import { SaveViewDialog } from './save-view-dialog.js';
import { useCount, useCreateView, useDeleteView, useEditView, useViews } from './use-views.js';

interface ViewsProps {
  address: ListAddress;
  onChange: (part: Partial<ListAddress>) => void;
}

/** Filters under names: those that everybody has, and the saved ones with how many tasks they find. */
export function Views({ address, onChange }: ViewsProps) {
  const saved = useViews().data?.data ?? [];
  const [isSaving, setSaving] = useState(false);
  const filter = address.filter.trim();
  const chosen = saved.find((view) => view.filter.trim() === filter && view.sort === address.sort);
  const isSystem = systemViews.some((view) => view.filter === filter);
  useCommands('Lists', [
    ...systemViews.map((view, index) => ({
      keys: String(index + 1),
      words: `View: ${view.words}`,
      run: () => onChange({ filter: view.filter, sort: '-createdAt' }),
    })),
    ...(isSystem || chosen !== undefined
      ? []
      : [{ keys: 's', words: 'Save this filter as a view', run: () => setSaving(true) }]),
  ]);
  return (
    <div className="flex items-start gap-2">
      <div role="group" aria-label="Views" className="-mx-1 flex min-w-0 flex-1 gap-1 overflow-x-auto p-1">
        {systemViews.map((view) => (
          <Chip
            key={view.words}
            isChosen={filter === view.filter}
            onChoose={() => onChange({ filter: view.filter, sort: '-createdAt' })}
          >
            {view.words}
          </Chip>
        ))}
        {saved.map((view) => (
          <Chip
            key={view.id}
            isChosen={view === chosen}
            onChoose={() => onChange({ filter: view.filter, sort: view.sort })}
          >
            <Bookmark size={13} aria-hidden className="shrink-0" />
            {view.name}
            <ViewCount filter={view.filter} />
          </Chip>
        ))}
      </div>
      {chosen !== undefined && <ViewMenu view={chosen} />}
      {chosen === undefined && !isSystem && (
        <Button onClick={() => setSaving(true)} icon={<BookmarkPlus size={15} aria-hidden />}>
          <span className="max-sm:sr-only">Save view…</span>
        </Button>
      )}
      {isSaving && <SaveViewDialog address={address} onClose={() => setSaving(false)} />}
    </div>
  );
}

interface ChipProps {
  isChosen: boolean;
  onChoose: () => void;
  children: ReactNode;
}

function Chip({ isChosen, onChoose, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={clsx(
        'inline-flex min-h-8 items-center gap-1.5 rounded-full border px-3 text-sm whitespace-nowrap',
        isChosen ? 'border-accent bg-accent-soft font-medium text-accent' : 'border-line bg-surface hover:bg-sunken',
      )}
    >
      {children}
    </button>
  );
}

function ViewCount({ filter }: { filter: string }) {
  const { data } = useCount(filter);
  if (data === undefined) return null;
  return (
    <span className="text-xs tabular-nums opacity-80">
      {data.value.toLocaleString()}
      {data.relation === 'gte' && '+'}
    </span>
  );
}

/** What can be done with a saved view; one that is not the caller's only by admins. */
function ViewMenu({ view }: { view: View }) {
  const edit = useEditView();
  const remove = useDeleteView();
  const create = useCreateView();
  const isAdmin = useMay('admin');
  const maySubmit = useMay('submit');
  const onError = (error: unknown) => showToast(`Not changed: ${describeError(error).detail}`);
  if (!view.mine && !isAdmin) return null;
  const { name, filter, sort, columns, shared } = view;
  const item = 'flex min-h-9 w-full items-center rounded-md px-2 text-left hover:bg-sunken';
  return (
    <Menu words="View" icon={<Bookmark size={15} aria-hidden />}>
      {(close) => (
        <>
          {maySubmit && (
            <button
              type="button"
              className={item}
              onClick={() => {
                close();
                edit.mutate({ view, body: { shared: !shared } }, { onError });
              }}
            >
              {shared ? 'Keep it to yourself' : 'Share it with everybody'}
            </button>
          )}
          <button
            type="button"
            className={clsx(item, 'text-red')}
            onClick={() => {
              close();
              remove.mutate(view, {
                onSuccess: () =>
                  showDone(
                    `The view “${name}” is deleted.`,
                    undoing(() => create.mutateAsync({ name, filter, sort, columns, shared })),
                  ),
                onError,
              });
            }}
          >
            Delete the view
          </button>
          {shared && <p className="px-2 pt-1 text-xs text-muted">Shared by {view.owner}</p>}
        </>
      )}
    </Menu>
  );
}
