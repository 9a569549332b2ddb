import { compatibility, ownRelease, protocolVersion } from '@corch/contract';
import type { WorkerRow } from './worker.entity.js';

/**
 * Why a worker takes nothing new, with what to do; null when its version fits ours. It registered with an orchestrator of another
 * version and goes on with what it holds; when it is started anew, it is refused.
 */
export function outdatedText({ version }: Pick<WorkerRow, 'version'>): string | null {
  const misfit = compatibility({ version, protocol: protocolVersion }, ownRelease);
  return misfit && `${misfit.message} ${misfit.hint}`;
}
