// The program that started this one, when it did so with an IPC channel (`corch up`).

/** Said once, when requests are answered. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url: string;
  readonly apiDocsUrl: string;
  readonly adminKeyFile: string;
  /** Signs a browser in; works once and for 10 minutes. */
  readonly signInUrl: string;
  readonly version: string;
}

/** Said once, instead, when there is nothing to wait for. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** False when there is no parent, or it is gone. Resolves when the message is on its way. */
export function tellParent(message: ReadyMessage | FailedMessage): Promise<boolean> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve(false);
    else process.send(message, undefined, undefined, (error) => resolve(error === null || error === undefined));
  });
}

/** Calls `stop` at the first SIGTERM, SIGINT or `{type: 'stop'}`, or when the parent is gone. */
export function onStop(stop: (why: string) => void): void {
  let isStopping = false;
  const once = (why: string) => () => {
    if (isStopping) return;
    isStopping = true;
    stop(why);
  };
  process.on('SIGTERM', once('SIGTERM'));
  process.on('SIGINT', once('SIGINT'));
  process.on('disconnect', once('the parent is gone'));
  process.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'stop')
      once('asked to')();
  });
}
