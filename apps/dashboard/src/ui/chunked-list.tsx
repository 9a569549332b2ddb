import { memo, type ReactNode } from 'react';
import { useNear } from './use-near.js';

/**
 * The items are drawn in chunks, and the chunks in blocks: a chunk is small enough that what is drawn stays below 2,000 elements, and
 * blocks are few enough that 20,000 items do not become 1,000 empty chunks. Each is drawn so far outside of the window that scrolling
 * shows no gaps; a block earlier than its chunks.
 */
const levels = [
  { size: 400, margin: '3000px 0px' },
  { size: 20, margin: '600px 0px' },
] as const;

interface ChunkedListProps<T> {
  label: string;
  items: readonly T[];
  /** The height of an item that was never drawn, pixels. */
  estimatedHeight: number;
  /** Always drawn, wherever the reader is: what a link points at. */
  pinnedIndex?: number;
  /** The reader is at the end: what is appended is drawn at once. */
  isAtEnd?: boolean;
  /** Must depend on the item alone. */
  renderItem: (item: T) => ReactNode;
}

/**
 * A long list of which only what is near the window is drawn; the rest is empty space of the height it had (or may have). Items are
 * appended or replaced, never inserted in between. Growth above the reader is balanced by the browser's scroll anchoring.
 */
export function ChunkedList<T>(props: ChunkedListProps<T>) {
  const { label, items, estimatedHeight, pinnedIndex = -1, isAtEnd = false, renderItem } = props;
  return (
    <div role="list" aria-label={label}>
      <Chunks
        level={0}
        items={items}
        from={0}
        to={items.length}
        estimatedHeight={estimatedHeight}
        pinned={pinnedIndex}
        isAtEnd={isAtEnd}
        renderItem={renderItem as (item: unknown) => ReactNode}
      />
    </div>
  );
}

interface ChunksProps {
  level: 0 | 1;
  items: readonly unknown[];
  from: number;
  to: number;
  estimatedHeight: number;
  /** -1 for none. */
  pinned: number;
  isAtEnd: boolean;
  renderItem: (item: unknown) => ReactNode;
}

/** The items of a stretch, in chunks of the level. */
function Chunks({ level, from, to, ...rest }: ChunksProps) {
  const { size } = levels[level];
  return Array.from({ length: Math.ceil((to - from) / size) }, (_, index) => {
    const start = from + index * size;
    const end = Math.min(to, start + size);
    const holdsPinned = start <= rest.pinned && rest.pinned < end;
    return <Chunk key={start} {...rest} level={level} from={start} to={end} pinned={holdsPinned ? rest.pinned : -1} />;
  });
}

const Chunk = memo(function Chunk(props: ChunksProps) {
  const { level, items, from, to, estimatedHeight, pinned, isAtEnd, renderItem } = props;
  // Where the reader may be is drawn at once, until it is known.
  const startsNear = from === 0 || (isAtEnd && to === items.length);
  const { holder, isNear, height } = useNear<HTMLDivElement>(levels[level].margin, startsNear);
  if (!isNear && pinned === -1) {
    return <div ref={holder} role="none" style={{ height: height ?? (to - from) * estimatedHeight }} />;
  }
  return (
    <div ref={holder} role="none">
      {level === 0 ? (
        <Chunks {...props} level={1} />
      ) : (
        items.slice(from, to).map((item, index) => (
          <div key={index} role="listitem">
            {renderItem(item)}
          </div>
        ))
      )}
    </div>
  );
}, isSameChunk);

function isSameChunk(before: ChunksProps, after: ChunksProps): boolean {
  if (before.pinned !== after.pinned || before.to !== after.to || before.renderItem !== after.renderItem) return false;
  for (let index = before.from; index < before.to; index++) {
    if (before.items[index] !== after.items[index]) return false;
  }
  return true;
}
