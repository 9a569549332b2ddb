import type { FeedState } from '@corch/contract/client';
import { clockDuration } from '../ui/time-format.js';

export interface ConnectionLook {
  words: string;
  /** What it means for what is shown. */
  note: string;
  tone: 'good' | 'warn' | 'bad';
}

/** Answers come in although the stream is down, when the last one is not older than this. */
const pollingMs = 12_000;

/** Whether the page follows the orchestrator, and how old what it shows may be. `heardAt`: when it last answered. */
export function connectionLook(state: FeedState, isOnline: boolean, heardAt: number, now: number): ConnectionLook {
  const age = `What you see is from ${clockDuration(now - heardAt)} ago.`;
  if (!isOnline) return { words: 'Offline', note: `This browser has no network. ${age}`, tone: 'bad' };
  switch (state) {
    case 'live':
      return { words: 'Live', note: 'Changes appear by themselves.', tone: 'good' };
    case 'connecting':
      return { words: 'Connecting', note: 'The live stream is being opened.', tone: 'warn' };
    default:
      return now - heardAt < pollingMs
        ? { words: 'Polling', note: 'The live stream is down; the page asks every 5 seconds.', tone: 'warn' }
        : { words: 'Reconnecting', note: age, tone: 'warn' };
  }
}
