import type { ReactNode } from 'react';
import { useNear } from '../ui/use-near.js';

/** Rows that are drawn together. */
const chunkSize = 50;
/** How far outside of the window they are drawn. */
const margin = '1000px 0px';
/** The height of a line that is not broken, pixels. */
export const lineHeight = 19.5;

interface LineChunksProps<T> {
  rows: readonly T[];
  /** Whether the address points at a row; its chunk is drawn wherever it is. */
  isLinked: (row: T) => boolean;
  renderRow: (row: T, index: number) => ReactNode;
}

/** The lines of a hunk, of which only those near the window are drawn: a file may have thousands. */
export function LineChunks<T>({ rows, isLinked, renderRow }: LineChunksProps<T>) {
  return Array.from({ length: Math.ceil(rows.length / chunkSize) }, (_, index) => {
    const chunk = rows.slice(index * chunkSize, (index + 1) * chunkSize);
    return (
      <LineChunk key={index} startsNear={index === 0} isPinned={chunk.some(isLinked)} count={chunk.length}>
        {() => chunk.map(renderRow)}
      </LineChunk>
    );
  });
}

interface LineChunkProps {
  startsNear: boolean;
  isPinned: boolean;
  count: number;
  children: () => ReactNode;
}

function LineChunk({ startsNear, isPinned, count, children }: LineChunkProps) {
  const { holder, isNear, height } = useNear<HTMLDivElement>(margin, startsNear);
  const isDrawn = isNear || isPinned;
  return (
    <div ref={holder} style={isDrawn ? undefined : { height: height ?? count * lineHeight }}>
      {isDrawn && children()}
    </div>
  );
}
