/**
 * Whether the end of a growing transcript is kept in view.
 *
 * ```
 *              reader scrolls up, more than 120 px from the end; a link opens a place
 * following ──────────────────────────────────────────────────────────► detached
 *     ▲                                                                     │
 *     └──────────────── reader comes back to the end; "n new" or End ◄──────┘
 * ```
 *
 * Growth never detaches: it makes the distance larger without the reader moving up.
 */
export interface Follow {
  readonly mode: 'following' | 'detached';
  /** Steps that came while detached. */
  readonly unseen: number;
  /** The scroll position that was seen last, pixels. */
  readonly top: number;
}

export type FollowEvent =
  | { type: 'scrolled'; top: number; distanceToEnd: number }
  | { type: 'grew'; steps: number }
  | { type: 'end' }
  | { type: 'opened place' };

export const detachDistance = 120;
/** Close enough to the end to count as there: rounding and the last margin. */
const endDistance = 8;

export function startFollow(isLive: boolean): Follow {
  return { mode: isLive ? 'following' : 'detached', unseen: 0, top: 0 };
}

export function nextFollow(follow: Follow, event: FollowEvent): Follow {
  switch (event.type) {
    case 'scrolled': {
      const { top, distanceToEnd } = event;
      if (follow.mode === 'following') {
        const isLeaving = top < follow.top && distanceToEnd > detachDistance;
        return { ...follow, top, mode: isLeaving ? 'detached' : 'following' };
      }
      const isBack = top >= follow.top && distanceToEnd <= endDistance;
      return isBack ? { mode: 'following', unseen: 0, top } : { ...follow, top };
    }
    case 'grew':
      return follow.mode === 'following' ? follow : { ...follow, unseen: follow.unseen + event.steps };
    case 'end':
      return { ...follow, mode: 'following', unseen: 0 };
    case 'opened place':
      return { ...follow, mode: 'detached' };
  }
}
