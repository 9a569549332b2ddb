import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { extendRange, rangeHash, readRange, type LineRange } from './line-range.js';

/** The lines of a change that the address points at, brought into view once they are there, and how to point at others. */
export function useLineRange(isThere: boolean) {
  const { hash, search } = useLocation();
  const navigate = useNavigate();
  const range = useMemo(() => readRange(hash), [hash]);
  const now = useRef({ search, range });
  useEffect(() => {
    now.current = { search, range };
  });
  // The same function for all lines, however often others are chosen.
  const choose = useCallback(
    (line: LineRange, extend: boolean) => {
      const next = extend ? extendRange(now.current.range, line) : line;
      void navigate({ search: now.current.search, hash: rangeHash(next) }, { replace: true, preventScrollReset: true });
    },
    [navigate],
  );
  useEffect(() => {
    if (!isThere || range === null) return;
    const file = document.querySelector(`[data-file="${CSS.escape(range.path)}"]`);
    const line = file?.querySelector(`[data-line="${range.side}-${range.from}"]`);
    const box = line?.getBoundingClientRect();
    // What was clicked stays where it is.
    if (box !== undefined && (box.top < 0 || box.bottom > window.innerHeight))
      line?.scrollIntoView({ block: 'center' });
  }, [isThere, range]);
  return { range, choose };
}
