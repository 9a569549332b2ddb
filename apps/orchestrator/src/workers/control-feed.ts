import { Injectable } from '@nestjs/common';
import type { ControlMessage } from '@corch/contract';

type Listener = (message: ControlMessage) => void;

/**
 * Pushes control messages to the workers that are connected to this process. A hint for speed: a worker that misses one learns the
 * same from the reply to its next heartbeat or append.
 */
@Injectable()
export class ControlFeed {
  private readonly listeners = new Map<string, Set<Listener>>();

  push(workerId: string, message: ControlMessage): void {
    for (const listener of this.listeners.get(workerId) ?? []) listener(message);
  }

  /** Hears what is pushed to the worker until the returned function is called. */
  subscribe(workerId: string, listener: Listener): () => void {
    const listeners = this.listeners.get(workerId) ?? new Set();
    this.listeners.set(workerId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(workerId);
    };
  }
}
