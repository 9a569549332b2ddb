// The process that started this one, when it keeps an IPC channel open (`corch up`).
import type { WorkerFacts } from './worker.js';

export interface Parent {
  ready(facts: WorkerFacts): void;
  failed(code: string, message: string, hint: string): void;
  /** Called when the parent asks for a stop, and when it died. */
  onStop(stop: () => void): void;
  /** Lets go of the channel, which would keep the process alive. */
  close(): void;
}

/** Without a channel everything is a no-op. */
export function connectParent(): Parent {
  const send = (message: object) => {
    if (process.connected) process.send?.(message);
  };
  return {
    ready: (facts) => send({ type: 'ready', ...facts }),
    failed: (code, message, hint) => send({ type: 'failed', code, message, hint }),
    onStop: (stop) => {
      if (process.send === undefined) return;
      process.on('message', (message: unknown) => {
        if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'stop') stop();
      });
      process.on('disconnect', stop);
    },
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}
