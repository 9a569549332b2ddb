import { Columns3, List } from 'lucide-react';
import { clsx } from 'clsx';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { ErrorNotice } from '../api/error-notice.js';
import { useOpenApprovals } from '../approvals/use-approvals.js';
import { NoTasks } from '../tasks/no-tasks.js';
import { useRowKeys } from '../tasks/use-row-keys.js';
import { Button } from '../ui/button.js';
import { useCommands } from '../ui/commands.js';
import { readLocal, writeLocal } from '../ui/local-value.js';
import { Page } from '../ui/page.js';
import { useMedia } from '../ui/use-media.js';
import { FleetStrip } from './fleet-strip.js';
import { GroupSection } from './group-section.js';
import { columns, groupOf, groups, heldLists, type GroupId, type Lists } from './groups.js';
import { useNow } from './use-now.js';
import { useStatistics } from './use-statistics.js';

type View = 'list' | 'board';
const viewKey = 'corch.now';

/** What needs a person, what is happening, and what it costs today. */
export function NowPage() {
  const now = useNow();
  const statistics = useStatistics();
  const [view, setView] = useView();
  // On a narrow window a board is a list.
  const isWide = useMedia('(min-width: 64rem)');
  const [seen, setSeen] = useState<Lists | null>(null);
  useRowKeys();
  useCommands('Now', [{ keys: 'v', words: 'Board or list', run: () => setView(view === 'board' ? 'list' : 'board') }]);
  const { lists, moved } = seen === null ? { lists: now.lists, moved: 0 } : heldLists(seen, now.lists);
  const counts = statistics.data?.tasks;
  const isUnused = counts !== undefined && Object.values(counts).every((count) => count === 0);
  return (
    <Page title="Now" actions={!isUnused && <ViewSwitch view={view} onChange={setView} />}>
      <FleetStrip />
      {now.error !== null && <ErrorNotice error={now.error} onRetry={now.retry} pending={now.isRetrying} />}
      {isUnused ? (
        <NoTasks />
      ) : (
        <div
          onPointerEnter={({ pointerType }) => pointerType === 'mouse' && setSeen(now.isLoading ? null : now.lists)}
          onPointerLeave={() => setSeen(null)}
        >
          <div role="status" className="sticky top-2 z-10 flex justify-center">
            {moved > 0 && (
              <Button look="primary" className="min-h-8 rounded-full shadow-lg" onClick={() => setSeen(now.lists)}>
                {moved} moved, show
              </Button>
            )}
          </div>
          <Groups view={isWide ? view : 'list'} lists={lists} failed={now.failedGroups} />
        </div>
      )}
    </Page>
  );
}

const forPeople = ['asking', 'failed', 'review'] as const;

function Groups({ view, lists, failed }: { view: View; lists: Lists; failed: readonly GroupId[] }) {
  const approvals = useOpenApprovals().data?.data ?? [];
  const section = (id: (typeof groups)[number]['id'], isWide: boolean) => (
    <GroupSection
      key={id}
      group={groupOf(id)}
      page={lists[id]}
      isFailed={failed.includes(id)}
      approvals={approvals}
      isWide={isWide}
    />
  );
  if (view === 'board') {
    return (
      <div className="grid grid-cols-5 items-start gap-3">
        {columns.map((ids) => (
          <div key={ids[0]} className="flex min-w-0 flex-col gap-5 rounded-xl bg-sunken p-2">
            {ids.map((id) => section(id, false))}
          </div>
        ))}
      </div>
    );
  }
  const isQuiet = forPeople.every((id) => lists[id]?.data.length === 0);
  return (
    <div className="flex flex-col gap-6">
      {isQuiet && <p className="text-muted">Nothing needs you.</p>}
      {groups
        .filter(({ id }) => !forPeople.some((one) => one === id) || lists[id]?.data.length !== 0)
        .map(({ id }) => section(id, true))}
    </div>
  );
}

/** The address says which view; without it this browser's last choice holds. */
function useView(): [View, (view: View) => void] {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('view') ?? readLocal(viewKey);
  const choose = (view: View) => {
    writeLocal(viewKey, view);
    setSearch({ view }, { replace: true, preventScrollReset: true });
  };
  return [asked === 'board' ? 'board' : 'list', choose];
}

const views = [
  { id: 'list', words: 'List', icon: List },
  { id: 'board', words: 'Board', icon: Columns3 },
] as const;

/** On a narrow window a board is a list, so there is nothing to choose. */
function ViewSwitch({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <div role="group" aria-label="Layout" className="hidden gap-1 rounded-lg bg-sunken p-1 lg:flex">
      {views.map(({ id, words, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-pressed={view === id}
          onClick={() => onChange(id)}
          className={clsx(
            'inline-flex min-h-8 items-center gap-1.5 rounded-md px-3 text-sm',
            view === id ? 'bg-surface font-medium shadow-sm' : 'text-muted hover:text-ink',
          )}
        >
          <Icon size={15} aria-hidden />
          {words}
        </button>
      ))}
    </div>
  );
}
