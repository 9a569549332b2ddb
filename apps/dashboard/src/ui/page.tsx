import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router-dom';
import { Store, useStore } from './store.js';

/** In front of the title of the tab: something wants to be seen, whichever page is open. */
export const tabMark = new Store('');

/** Before everything else in the title of the tab: where one is. */
export const tabPrefix = new Store('');

interface PageProps {
  /** The heading, and the title of the tab. */
  title: string;
  /** The title of the tab where it says more than the heading. */
  tabTitle?: string;
  /** Shown instead of a plain heading; it contains the `h1`. */
  header?: ReactNode;
  actions?: ReactNode;
  /** False when the page puts the focus somewhere better itself. */
  focusTitle?: boolean;
  children: ReactNode;
}

/** One page: names the tab and, after a move inside the dashboard, starts a reader at the heading. */
export function Page({ title, tabTitle, header, actions, focusTitle = true, children }: PageProps) {
  const heading = useRef<HTMLDivElement>(null);
  const { key } = useLocation();
  const isFirst = useRef(true);
  const mark = useStore(tabMark);
  const prefix = useStore(tabPrefix);
  useEffect(() => {
    document.title = `${prefix}${mark}${tabTitle ?? title} · Claude Orchestrator`;
  }, [prefix, mark, tabTitle, title]);
  useEffect(() => {
    if (isFirst.current && key !== 'default' && focusTitle) {
      heading.current?.querySelector('h1')?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [key, focusTitle]);
  return (
    <div ref={heading} className="flex flex-col gap-4">
      {header ?? (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h1 tabIndex={-1} className="text-xl font-semibold">
            {title}
          </h1>
          {actions}
        </div>
      )}
      {children}
    </div>
  );
}
