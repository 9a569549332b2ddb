import { useLayoutEffect, useRef, type RefObject } from 'react';

/** Shows a `<dialog>` as a modal window; the browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  // A layout effect, since the browser gives the focus back only when it is closed before it is removed.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return dialog;
}
