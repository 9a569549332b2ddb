import { TaskId } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { Command, defaultFilter } from 'cmdk';
import { CornerDownLeft } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router-dom';
import { client } from '../api/client.js';
import { keys as queryKeys } from '../api/query-client.js';
import { StatusChip } from '../tasks/status-look.js';
import { everywhere, useCommandGroups } from '../ui/commands.js';
import { Keys } from '../ui/keys.js';
import { useSettled } from '../ui/use-settled.js';
import { PaletteFrame, paletteInputClass, paletteWords } from './palette-frame.js';

/** Typing becomes a request after a pause of this long. */
const typingMs = 150;
const shownTasks = 6;

/** Tasks were found by the orchestrator, so they are not filtered again. */
const found = 'found ';
/** Below a page whose name begins so, above one that has the letters somewhere. */
const taskScore = 0.5;

/** What can be done by name; an area of mere moves is left out. */
function useShownGroups() {
  return useCommandGroups()
    .map(({ area, commands }) => ({ area, commands: commands.filter(({ keyOnly }) => keyOnly !== true) }))
    .filter(({ commands }) => commands.length > 0);
}

interface PaletteProps {
  /** What was typed already. */
  startText: string;
  onClose: () => void;
}

/** Jump to a page or a task, or do what this page offers; all by typing. */
export function Palette({ startText, onClose }: PaletteProps) {
  const navigate = useNavigate();
  const [text, setText] = useState(startText);
  const [chosen, setChosen] = useState('');
  // What somebody chose among the commands stays chosen, unless nothing is typed yet.
  const choose = useCallback(
    (taskId: string, isStart: boolean) =>
      setChosen((now) => (isStart || now === '' || now.startsWith(found) ? found + taskId : now)),
    [],
  );
  const groups = useShownGroups();
  const act = (run: () => void) => {
    onClose();
    // Closing gives the focus back; what is done may want it elsewhere.
    setTimeout(run, 0);
  };
  const go = (to: string) => act(() => void navigate(to));
  return (
    <PaletteFrame onClose={onClose}>
      <Command
        label="Search, or jump to"
        loop
        value={chosen}
        onValueChange={(value) => setChosen(value)}
        filter={(value, search, keywords) =>
          value.startsWith(found) ? taskScore : defaultFilter(value, search, keywords)
        }
      >
        <Command.Input value={text} onValueChange={setText} placeholder={paletteWords} className={paletteInputClass} />
        <Command.List className="max-h-[calc(70dvh-3.25rem)] overflow-y-auto p-2">
          <Command.Empty className="px-2 py-6 text-center text-sm text-muted">Nothing fits.</Command.Empty>
          <Tasks text={text} onFound={choose} onOpen={(taskId) => go(`/tasks/${taskId}`)} />
          {groups.map(({ area, commands }) => (
            <Group key={area} heading={(everywhere as readonly string[]).includes(area) ? area : `Here: ${area}`}>
              {commands.map(({ words, keys, run }) => (
                <Item key={words} value={`${area} ${words}`} onSelect={() => act(run)}>
                  <span className="flex-1">{words}</span>
                  {keys !== undefined && <Keys keys={keys} />}
                </Item>
              ))}
            </Group>
          ))}
        </Command.List>
      </Command>
    </PaletteFrame>
  );
}

interface TasksProps {
  text: string;
  /** The first of them; it is chosen when nothing else is. */
  onFound: (taskId: string, isStart: boolean) => void;
  onOpen: (taskId: string) => void;
}

/** The tasks that fit the text, or the newest; a pasted id opens its task without a search. */
function Tasks({ text, onFound, onOpen }: TasksProps) {
  const q = useSettled(text.trim(), typingMs).slice(0, 200);
  const pasted = TaskId.safeParse(text.trim());
  const { data, isPlaceholderData } = useQuery({
    queryKey: [...queryKeys.taskLists, 'palette', q],
    queryFn: ({ signal }) => client.listTasks({ query: { limit: shownTasks, ...(q !== '' && { q }) }, signal }),
    enabled: !pasted.success,
    placeholderData: (before) => before,
  });
  // What was found for another text is no answer: Enter must not open it.
  const isStale = isPlaceholderData || q !== text.trim().slice(0, 200);
  const first = isStale ? undefined : data?.data[0]?.id;
  const isStart = q === '';
  useEffect(() => {
    if (first !== undefined) onFound(first, isStart);
  }, [first, isStart, onFound]);
  if (pasted.success) {
    return (
      <Group heading="Task">
        <Item value={found + pasted.data} onSelect={() => onOpen(pasted.data)}>
          <span className="min-w-0 flex-1 truncate">
            Open <code className="font-mono text-[0.8125rem]">{pasted.data}</code>
          </span>
          <CornerDownLeft size={15} aria-hidden className="text-muted" />
        </Item>
      </Group>
    );
  }
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Group heading={q === '' ? 'Newest tasks' : 'Tasks'}>
      {data.data.map(({ id, title, status, reason }) => (
        <Item key={id} value={found + id} isStale={isStale} onSelect={() => onOpen(id)}>
          <span className="min-w-0 flex-1 truncate">{title}</span>
          <StatusChip status={status} reason={reason} />
        </Item>
      ))}
    </Group>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  value: string;
  isStale?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ value, isStale = false, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      disabled={isStale}
      onSelect={onSelect}
      className="flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-2 text-sm aria-disabled:opacity-60 aria-selected:bg-sunken"
    >
      {children}
    </Command.Item>
  );
}
