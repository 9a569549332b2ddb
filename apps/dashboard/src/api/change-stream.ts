import { Changed } from '@corch/contract';
import type { Client, FeedState } from '@corch/contract/client';
import { isSignedOut } from './describe-error.js';

type Said = { kind: 'changed'; changed: Changed } | { kind: 'state'; state: FeedState } | { kind: 'hello' };

const name = 'corch-changes';

interface Listener {
  onChanged: (changed: Changed) => void;
  onState: (state: FeedState) => void;
  onSignedOut: () => void;
}

/**
 * Listens to what changed until `signal` is aborted. A browser opens at most six HTTP/1.1 connections to one server over all tabs,
 * so one tab (whoever holds the lock) keeps the stream and tells the others. Without locks (plain http beyond loopback) each tab
 * keeps its own.
 */
export async function listenForChanges(
  client: Pick<Client, 'follow'>,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const channel = new BroadcastChannel(name);
  let state: FeedState = 'connecting';
  let isLeader = false;
  const hear = (said: Said) => {
    if (said.kind === 'changed') listener.onChanged(said.changed);
    else if (said.kind === 'state') listener.onState(said.state);
    else if (isLeader) channel.postMessage({ kind: 'state', state } satisfies Said);
  };
  channel.onmessage = (message: MessageEvent<Said>) => hear(message.data);
  channel.postMessage({ kind: 'hello' } satisfies Said);

  const lead = async () => {
    isLeader = true;
    const tell = (said: Said) => {
      hear(said);
      if (!signal.aborted) channel.postMessage(said);
    };
    const onState = (next: FeedState) => {
      state = next;
      tell({ kind: 'state', state: next });
    };
    for await (const message of client.follow('watchChanges', { signal, onState })) {
      const changed = Changed.safeParse(message.data);
      if (changed.success) tell({ kind: 'changed', changed: changed.data });
    }
  };
  const locks = (navigator as { locks?: LockManager }).locks;
  try {
    await (locks === undefined ? lead() : locks.request(name, { signal }, lead));
  } catch (error) {
    if (signal.aborted) return;
    if (isSignedOut(error)) listener.onSignedOut();
    else throw error;
  } finally {
    channel.close();
  }
}
