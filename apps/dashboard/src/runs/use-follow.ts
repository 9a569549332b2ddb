import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, type RefObject } from 'react';
import { nextFollow, startFollow, type Follow } from './follow.js';

function distanceToEnd(): number {
  const { scrollHeight } = document.documentElement;
  return scrollHeight - window.innerHeight - window.scrollY;
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
}

interface Following {
  follow: Follow;
  /** Goes to the end and stays there. */
  goToEnd: () => void;
  /** Stops following: a place was opened by a link. */
  openPlace: () => void;
}

/** Keeps the end of the page in view while the transcript in `content` grows, until the reader scrolls away. */
export function useFollow(content: RefObject<HTMLElement | null>, stepCount: number, isLive: boolean): Following {
  const [follow, dispatch] = useReducer(nextFollow, isLive, startFollow);
  const isFollowing = follow.mode === 'following';

  useEffect(() => {
    const onScroll = () => dispatch({ type: 'scrolled', top: window.scrollY, distanceToEnd: distanceToEnd() });
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);

  const counted = useRef(stepCount);
  useEffect(() => {
    if (stepCount > counted.current) dispatch({ type: 'grew', steps: stepCount - counted.current });
    counted.current = stepCount;
  }, [stepCount]);

  useLayoutEffect(() => {
    const element = content.current;
    if (!isFollowing || !isLive || element === null) return;
    scrollToEnd();
    const observer = new ResizeObserver(scrollToEnd);
    observer.observe(element);
    return () => observer.disconnect();
  }, [isFollowing, isLive, content]);

  return {
    follow,
    goToEnd: useCallback(() => {
      dispatch({ type: 'end' });
      scrollToEnd();
    }, []),
    openPlace: useCallback(() => dispatch({ type: 'opened place' }), []),
  };
}
