import { isFinal, type Run } from '@corch/contract';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { client } from '../api/client.js';
import { keys } from '../api/query-client.js';
import { parsePatch } from './patch.js';

/** A large change takes so long over a slow line. */
const timeoutMs = 120_000;

/** The change of a run, file by file, once there is one. */
export function usePatch(run: Run) {
  // One that delivers shows what it delivers.
  const changedBy = run.sourceRunId ?? run.id;
  const isOver = isFinal(run.status) || run.sourceRunId !== null;
  const patch = useQuery({
    queryKey: keys.patch(changedBy),
    queryFn: async ({ signal }) =>
      new TextDecoder().decode(await client.readPatch({ params: { runId: changedBy }, signal, timeoutMs })),
    enabled: isOver,
    staleTime: Infinity,
  });
  const files = useMemo(() => parsePatch(patch.data ?? ''), [patch.data]);
  return { patch, files, changedBy, isOver };
}
