import { ChartColumn, FolderGit2, Hand, House, ListTodo, Server, Settings, type LucideIcon } from 'lucide-react';

export interface Place {
  to: string;
  words: string;
  icon: LucideIcon;
  keys: string;
}

/** Where one can go, in the order of the navigation. */
export const places: readonly Place[] = [
  { to: '/', words: 'Now', icon: House, keys: 'g n' },
  { to: '/tasks', words: 'Tasks', icon: ListTodo, keys: 'g t' },
  { to: '/approvals', words: 'Approvals', icon: Hand, keys: 'g a' },
  { to: '/workers', words: 'Workers', icon: Server, keys: 'g w' },
  { to: '/repositories', words: 'Repositories', icon: FolderGit2, keys: 'g r' },
  { to: '/statistics', words: 'Statistics', icon: ChartColumn, keys: 'g s' },
  { to: '/settings', words: 'Settings', icon: Settings, keys: 'g ,' },
];
