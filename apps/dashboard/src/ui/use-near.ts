import { startTransition, useEffect, useRef, useState, type RefObject } from 'react';

interface Near<E extends HTMLElement> {
  /** Of the element that is watched; the same one whether it is drawn or not. */
  holder: RefObject<E | null>;
  isNear: boolean;
  /** The height that it had when it was drawn last, pixels. */
  height: number | null;
}

/** Whether an element is in the window or as near to it as the margin says. `startsNear`: what holds until that is known. */
export function useNear<E extends HTMLElement>(margin: string, startsNear: boolean): Near<E> {
  const holder = useRef<E>(null);
  const [isNear, setNear] = useState(startsNear);
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        // After a jump many things come near at once; as a transition they are drawn without holding up the scrolling.
        startTransition(() => {
          setNear(entry.isIntersecting);
          // On leaving, the drawn height is kept for the empty space.
          if (!entry.isIntersecting) setHeight((known) => (entry.boundingClientRect.height || known) ?? null);
        });
      },
      { rootMargin: margin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [margin]);
  return { holder, isNear, height };
}
