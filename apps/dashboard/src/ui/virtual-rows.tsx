import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

interface VirtualRowsProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** The height of a row that was never drawn, pixels, with the space below it. */
  estimatedHeight: number;
  /** Space below each row, as a class. */
  gapClass: string;
  /** What is shown belongs to an earlier question; the answer to this one is on its way. */
  isStale?: boolean;
  renderItem: (item: T) => ReactNode;
}

/** A list of any length of which only what is near the window is drawn; the page scrolls, not the list. */
export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  const { label, items, keyOf, estimatedHeight, gapClass, isStale, renderItem } = props;
  const list = useRef<HTMLUListElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    // What stands above the list may grow or shrink at any time, and the page with it.
    const measure = () =>
      setScrollMargin(Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimatedHeight,
    overscan: 8,
    scrollMargin,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
  });
  return (
    <ul
      ref={list}
      aria-label={label}
      aria-busy={isStale || undefined}
      className="aria-busy:opacity-60"
      style={{ position: 'relative', height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const item = items[index];
        return (
          item !== undefined && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              className={gapClass}
              style={{
                position: 'absolute',
                insetInline: 0,
                top: 0,
                transform: `translateY(${start - scrollMargin}px)`,
              }}
            >
              {renderItem(item)}
            </li>
          )
        );
      })}
    </ul>
  );
}
