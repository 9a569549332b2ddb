/** Waits until `wait` calls back or `signal` is aborted, and leaves no listener on a signal that outlives the wait. */
export async function abortable(signal: AbortSignal, wait: (resolve: () => void) => void): Promise<void> {
  let stop: () => void = () => undefined;
  try {
    await new Promise<void>((resolve) => {
      stop = resolve;
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) resolve();
      else wait(resolve);
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
