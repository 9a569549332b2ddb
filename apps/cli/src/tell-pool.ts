import type { Pool } from '@corch/contract';
import type { Context } from './context.js';
import { limitText, timeLimitText } from './format/limits.js';

/** Says how a pool is set now, and what follows from it. */
export function tellPool({ output }: Context, pool: Pool, notes: readonly string[]): void {
  const { name, paused, concurrency, lostAfterCapSeconds } = pool;
  if (output.json) return output.document(pool);
  const state = paused ? 'paused' : 'active';
  const [limit, lostAfter] = [limitText(concurrency), timeLimitText(lostAfterCapSeconds)];
  const most = concurrency === null ? 'any number at once' : `at most ${limit} at once`;
  const away = lostAfterCapSeconds === null ? '' : `, workers away for at most ${lostAfter}`;
  if (output.isTty) output.data(`${state}  ${name}  ${most}${away}`);
  else output.row([name, state, limit, lostAfter]);
  for (const note of notes) output.note(`  ${note}`);
}
