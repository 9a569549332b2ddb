// The process that started this one, when it keeps an IPC channel open (`corch up`).
import type { WorkerFacts } from './worker.js';

/**
 * `stop`: end the children and keep their runs for the next start. `drain`: let them finish, or give them back. `kill`: end
 * everything at once.
 */
export type Asked = 'stop' | 'drain' | 'kill';
const known: readonly unknown[] = ['stop', 'drain', 'kill'] satisfies Asked[];

export interface Parent {
  ready(facts: WorkerFacts): void;
  failed(code: string, message: string, hint: string): void;
  /** Called when the parent asks for something; its death asks for a stop. */
  on(ask: (what: Asked) => void): void;
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
    on: (ask) => {
      if (process.send === undefined) return;
      process.on('message', (message: unknown) => {
        if (isAsked(message)) ask(message.type);
      });
      process.on('disconnect', () => ask('stop'));
    },
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}

function isAsked(message: unknown): message is { readonly type: Asked } {
  return typeof message === 'object' && message !== null && 'type' in message && known.includes(message.type);
}
