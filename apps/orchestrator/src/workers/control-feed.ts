import { Inject, Injectable } from '@nestjs/common';
import { ControlMessage } from '@corch/contract';
import { Peers } from '../redis/peers.js';

type Listener = (message: ControlMessage) => void;

interface Connected {
  readonly listeners: Set<Listener>;
  /** Stops hearing what other orchestrators push. */
  readonly stop: () => void;
}

/**
 * Pushes control messages to the workers that are connected to this orchestrator or to another. A hint for speed: a worker that misses one learns the
 * same from the reply to its next heartbeat or append.
 */
@Injectable()
export class ControlFeed {
  private readonly workers = new Map<string, Connected>();

  constructor(@Inject(Peers) private readonly peers: Peers) {}

  push(workerId: string, message: ControlMessage): void {
    this.pushHere(workerId, message);
    this.peers.tell(`worker:${workerId}`, JSON.stringify(message));
  }

  /** Hears what is pushed to the worker until the returned function is called. */
  subscribe(workerId: string, listener: Listener): () => void {
    const connected = this.workers.get(workerId) ?? this.connect(workerId);
    connected.listeners.add(listener);
    return () => {
      connected.listeners.delete(listener);
      if (connected.listeners.size > 0 || this.workers.get(workerId) !== connected) return;
      this.workers.delete(workerId);
      connected.stop();
    };
  }

  private connect(workerId: string): Connected {
    const stop = this.peers.hear(`worker:${workerId}`, (message) =>
      this.pushHere(workerId, ControlMessage.parse(JSON.parse(message))),
    );
    const connected = { listeners: new Set<Listener>(), stop };
    this.workers.set(workerId, connected);
    return connected;
  }

  private pushHere(workerId: string, message: ControlMessage): void {
    for (const listener of this.workers.get(workerId)?.listeners ?? []) listener(message);
  }
}
