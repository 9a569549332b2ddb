// Which orchestrators may work on one database together. Pure.
import type { InstanceRow } from './instance.entity.js';

/** How often an orchestrator says that it lives. */
export const beatMs = 5_000;
/** One that has not said so for this long is gone. */
export const goneMs = 3 * beatMs;

/**
 * The orchestrator that keeps another from entering; undefined when nobody does. Only those who all have Redis may be together.
 *
 * @param isDead known for processes of this machine
 */
export function keptOutBy(
  isShared: boolean,
  others: readonly InstanceRow[],
  now: number,
  isDead: (other: InstanceRow) => boolean,
): InstanceRow | undefined {
  const living = others.filter((other) => other.lastSeenAt > now - goneMs && !isDead(other));
  return living.find((other) => !isShared || !other.isShared);
}
