import { showToast } from '../ui/toast.js';
import { describeError } from './describe-error.js';

/**
 * An Undo that says when it did not work, with a way to try again. The part of the page that offered it may be gone by then, and with
 * it the handlers that are given to `mutate`: so `act` is a promise.
 */
export function undoing(act: () => Promise<unknown>): () => void {
  const undo = () => {
    act().catch((error: unknown) => showToast(`Not undone: ${describeError(error).detail}`, undo));
  };
  return undo;
}
