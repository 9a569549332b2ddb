import type { History } from '@corch/contract';

type Counts = Pick<History['total'], 'succeeded' | 'failed' | 'timedOut' | 'cancelled'>;

export function endedOf({ succeeded, failed, timedOut, cancelled }: Counts): number {
  return succeeded + failed + timedOut + cancelled;
}

/** `91 %` of those that came to an end by themselves; `–` when none did. Cancelled ones say nothing about success. */
export function successWords(counts: Counts): string {
  const decided = counts.succeeded + counts.failed + counts.timedOut;
  return decided === 0 ? '–' : `${Math.round((counts.succeeded / decided) * 100)} %`;
}

/** `est. $1.24`, or `–` for nothing. */
export function costText(costUsd: string): string {
  return `est. $${Number(costUsd).toFixed(2)}`;
}

/** The estimated cost for each task that succeeded. */
export function costPerSuccess({ succeeded, costUsd }: Pick<History['total'], 'succeeded' | 'costUsd'>): string {
  return succeeded === 0 ? '–' : costText(String(Number(costUsd) / succeeded));
}

/** `14:00` of an hour, `Mar 3` of a day, which is one of UTC. */
export function bucketLabel(at: string, step: History['step'], locale?: string, timeZone?: string): string {
  const time = Date.parse(at);
  return step === 'hour'
    ? new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone }).format(time)
    : new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(time);
}
