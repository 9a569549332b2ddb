import { memo, useEffect, useRef, useState, type ReactNode } from 'react';

/** Items per chunk. Small enough to draw within a frame or two, large enough that 20,000 items are 500 chunks. */
const chunkSize = 40;
/** How far outside of the window chunks are drawn, so that scrolling does not show gaps. */
const margin = '1500px 0px';

interface ChunkedListProps<T> {
  label: string;
  items: readonly T[];
  /** The height of an item that was never drawn, pixels. */
  estimatedHeight: number;
  /** Always drawn, wherever the reader is: what a link points at. */
  pinnedIndex?: number;
  /** Must depend on the item alone. */
  renderItem: (item: T) => ReactNode;
}

/**
 * A long list of which only what is near the window is drawn; the rest is empty space of the height it had (or may have). Items are
 * appended or replaced, never inserted in between. Growth above the reader is balanced by the browser's scroll anchoring.
 */
export function ChunkedList<T>({ label, items, estimatedHeight, pinnedIndex, renderItem }: ChunkedListProps<T>) {
  const count = Math.ceil(items.length / chunkSize);
  const pinned = pinnedIndex === undefined ? -1 : Math.floor(pinnedIndex / chunkSize);
  return (
    <div role="list" aria-label={label}>
      {Array.from({ length: count }, (_, index) => (
        <Chunk
          key={index}
          items={items as readonly unknown[]}
          start={index * chunkSize}
          estimatedHeight={estimatedHeight}
          isPinned={index === pinned || index === 0 || index === count - 1}
          renderItem={renderItem as (item: unknown) => ReactNode}
        />
      ))}
    </div>
  );
}

interface ChunkProps {
  items: readonly unknown[];
  start: number;
  estimatedHeight: number;
  isPinned: boolean;
  renderItem: (item: unknown) => ReactNode;
}

const Chunk = memo(function Chunk({ items, start, estimatedHeight, isPinned, renderItem }: ChunkProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        setNear(entry.isIntersecting);
        // On leaving, the drawn height is kept for the empty space.
        if (!entry.isIntersecting) setHeight((known) => (entry.boundingClientRect.height || known) ?? null);
      },
      { rootMargin: margin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const shown = items.slice(start, start + chunkSize);
  if (isNear || isPinned) {
    return (
      <div ref={holder} role="none">
        {shown.map((item, index) => (
          <div key={index} role="listitem">
            {renderItem(item)}
          </div>
        ))}
      </div>
    );
  }
  return <div ref={holder} role="none" style={{ height: height ?? shown.length * estimatedHeight }} />;
}, isSameChunk);

function isSameChunk(before: ChunkProps, after: ChunkProps): boolean {
  if (before.isPinned !== after.isPinned || before.renderItem !== after.renderItem) return false;
  for (let index = before.start; index < before.start + chunkSize; index++) {
    if (before.items[index] !== after.items[index]) return false;
  }
  return true;
}
