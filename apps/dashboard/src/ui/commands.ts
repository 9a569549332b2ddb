// What can be done here and now. The keyboard, its map and the palette read the same registry.
import { useEffect, useMemo, useRef } from 'react';
import { Store, useStore } from './store.js';

export interface Command {
  words: string;
  run: () => void;
  /** `c`, `g t` or `Mod+k`. */
  keys?: string;
  /** A move, which makes no sense in the palette. */
  keyOnly?: boolean;
}

interface Group {
  area: string;
  read: () => readonly Command[];
}

/** The areas of the whole dashboard; what a page offers beats them. */
export const everywhere = ['Anywhere', 'Go to'] as const;

const groups = new Store<readonly Group[]>([]);

/** Offers commands as long as the component is shown. */
export function useCommands(area: string, commands: readonly Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const group = { area, read: () => latest.current };
    groups.set([...groups.get(), group]);
    return () => groups.set(groups.get().filter((other) => other !== group));
  }, [area]);
}

interface CommandGroup {
  area: string;
  commands: readonly Command[];
}

/** The commands by area, also of a page that is still on its way when the component is drawn. */
export function useCommandGroups(): CommandGroup[] {
  const offered = useStore(groups);
  return useMemo(() => byAreas(offered), [offered]);
}

/** Those of the page first, in the order in which its parts were drawn. */
function byAreas(offered: readonly Group[]): CommandGroup[] {
  const byArea = new Map<string, Command[]>();
  for (const { area, read } of offered) byArea.set(area, [...(byArea.get(area) ?? []), ...read()]);
  const rank = (area: string) => everywhere.findIndex((general) => general === area);
  return [...byArea]
    .map(([area, commands]) => ({ area, commands }))
    .sort((left, right) => rank(left.area) - rank(right.area));
}

export function keysInUse(): string[] {
  return byAreas(groups.get()).flatMap(({ commands }) => commands.flatMap(({ keys }) => keys ?? []));
}

export function commandOf(keys: string): Command | undefined {
  return byAreas(groups.get())
    .flatMap(({ commands }) => commands)
    .find((command) => command.keys === keys);
}
