import { statuses, type AdminStats, type Status } from '@corch/contract';
import type { World } from './fixture-world.js';
import { ago } from './make.js';

/** What is stored, as an orchestrator of some weeks would say. */
export function sampleStats({ tasks, pools, workers, settings }: World): AdminStats {
  const ended = tasks.filter(({ status }) => ['succeeded', 'failed', 'cancelled', 'timed_out'].includes(status));
  const counts = Object.fromEntries(
    statuses.map((status) => [status, tasks.filter((task) => task.status === status).length]),
  ) as Record<Status, number>;
  const [oldest] = ended.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const { keepTasksDays, keepTranscriptsDays, maxStoredMb } = settings;
  const stored = { transcriptBytes: ended.length * 42_000_000, fileBytes: ended.length * 110_000_000 };
  const online = workers.filter(({ state }) => state === 'online');
  return {
    at: ago(0),
    database: { kind: 'sqlite', bytes: 12_400_000_000, freeBytes: 640_000_000, tables: [] },
    stored: { ...stored, runs: ended.length, oldestEndedAt: oldest?.endedAt ?? null },
    retention: {
      ...{ keepTasksDays, keepTranscriptsDays, maxStoredMb },
      next:
        oldest === undefined || keepTranscriptsDays === null
          ? []
          : [
              {
                what: 'transcripts',
                why: 'age',
                taskId: oldest.id,
                at: new Date(Date.now() + 200_000_000).toISOString(),
              },
            ],
      last: oldest === undefined ? null : { at: ago(90), tasks: 3, runs: 12, bytes: 410_000_000 },
    },
    tasks: counts,
    runs: counts,
    workers: { online: online.length, offline: workers.length - online.length, slotsUsed: 1, slots: 4 },
    pools: pools.map(({ name, paused, queued, running, workersOnline }) => ({
      ...{ pool: name, paused, queued, running, startable: queued, workersOnline, freeSlots: 1 },
      ...{ workerSize: 2, wanted: running + queued, missing: 0 },
    })),
    oldestQueuedAt: null,
    orchestrators: [
      {
        ...{ host: 'mill', pid: 4870, version: '0.1.0', startedAt: ago(5000), lastSeenAt: ago(0) },
        ...{ memoryBytes: 212_000_000, isThis: true },
      },
    ],
  };
}
