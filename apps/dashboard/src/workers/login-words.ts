import type { LoginHold } from '@corch/contract';

/** What is wrong with a login, as the end of a sentence that begins with it. */
export function holdWords({ kind, message }: Pick<LoginHold, 'kind' | 'message'>): string {
  const said = message === null ? '' : ` (${message.trim().replace(/\.$/, '')})`;
  if (kind === 'usage_limit') return `has reached its plan limit${said}`;
  return kind === 'billing' ? `has a billing problem${said}` : `is refused${said}`;
}

/** Somebody has to mend it: it is not tried again by the mere passing of time. */
export function needsPerson(hold: Pick<LoginHold, 'kind' | 'until'> | null): boolean {
  return hold !== null && hold.kind !== 'usage_limit' && hold.until === null;
}
