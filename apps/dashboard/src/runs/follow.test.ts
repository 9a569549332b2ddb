import { describe, expect, it } from '@jest/globals';
import { nextFollow, startFollow, type Follow, type FollowEvent } from './follow.js';

function after(follow: Follow, ...events: FollowEvent[]): Follow {
  return events.reduce(nextFollow, follow);
}

const live = startFollow(true);
const atEnd: FollowEvent = { type: 'scrolled', top: 1000, distanceToEnd: 0 };

describe('following a transcript', () => {
  it('follows a run that works and lets a finished one be read from its start', () => {
    expect(live.mode).toBe('following');
    expect(startFollow(false).mode).toBe('detached');
  });

  it('is detached by a scroll up of more than 120 px, not by less', () => {
    expect(after(live, atEnd, { type: 'scrolled', top: 890, distanceToEnd: 110 }).mode).toBe('following');
    expect(after(live, atEnd, { type: 'scrolled', top: 870, distanceToEnd: 130 }).mode).toBe('detached');
  });

  it('adds up small scrolls', () => {
    const scrolls = [40, 80, 121].map((up): FollowEvent => ({ type: 'scrolled', top: 1000 - up, distanceToEnd: up }));
    expect(after(live, atEnd, ...scrolls.slice(0, 2)).mode).toBe('following');
    expect(after(live, atEnd, ...scrolls).mode).toBe('detached');
  });

  it('is never detached by growth', () => {
    const grown: FollowEvent = { type: 'scrolled', top: 1000, distanceToEnd: 5000 };
    expect(after(live, atEnd, { type: 'grew', steps: 40 }, grown)).toMatchObject({ mode: 'following', unseen: 0 });
  });

  it('counts what comes while detached, and forgets it at the end', () => {
    const away = after(live, atEnd, { type: 'scrolled', top: 0, distanceToEnd: 1000 }, { type: 'grew', steps: 3 });
    expect(after(away, { type: 'grew', steps: 2 }).unseen).toBe(5);
    expect(after(away, { type: 'end' })).toMatchObject({ mode: 'following', unseen: 0 });
  });

  it('follows again when the reader comes back to the end', () => {
    const away = after(live, atEnd, { type: 'scrolled', top: 0, distanceToEnd: 1000 });
    expect(after(away, { type: 'scrolled', top: 900, distanceToEnd: 100 }).mode).toBe('detached');
    expect(after(away, { type: 'scrolled', top: 998, distanceToEnd: 2 }).mode).toBe('following');
  });

  it('stays where a link opened it', () => {
    expect(after(live, { type: 'opened place' }).mode).toBe('detached');
  });
});
