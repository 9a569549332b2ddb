import { Inject, Injectable } from '@nestjs/common';
import type { AdminStats, NextRemoval, Settings } from '@corch/contract';
import { CLOCK, type Clock } from '../common/tokens.js';
import { extentBySize } from '../runs/removal-rules.js';
import type { KeptRun, StoredTotal } from '../runs/run-sizes.repository.js';
import { RunWeights } from '../runs/run-weights.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { TasksService } from '../tasks/tasks.service.js';
import { LastRemoval } from './last-removal.js';
import { dayMs, maxStoredBytes } from './limits.js';

/** How far it looks for a run whose task does not go on. */
const lookedAt = 100;

/** What is stored, and what retention takes of it next. */
@Injectable()
export class RetentionOutlook {
  constructor(
    @Inject(TasksService) private readonly tasks: TasksService,
    @Inject(RunWeights) private readonly weights: RunWeights,
    @Inject(SettingsService) private readonly settings: SettingsService,
    @Inject(LastRemoval) private readonly lastRemoval: LastRemoval,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(): Promise<Pick<AdminStats, 'stored' | 'retention'>> {
    const now = this.clock();
    const [settings, total, last, [oldestTask], runs] = await Promise.all([
      this.settings.read(),
      this.weights.total(),
      this.lastRemoval.read(),
      this.tasks.endedBefore({ endedAt: 0, runId: '' }, now, 1),
      this.weights.kept({ endedAt: 0, runId: '' }, now, lookedAt),
    ]);
    const { keepTasksDays, keepTranscriptsDays, maxStoredMb } = settings;
    const next = [taskByAge(settings, oldestTask), runByAge(settings, runs), runBySize(settings, total, runs, now)];
    return {
      stored: { ...total, oldestEndedAt: total.oldestEndedAt === null ? null : iso(total.oldestEndedAt) },
      retention: {
        ...{ keepTasksDays, keepTranscriptsDays, maxStoredMb },
        next: next.filter((one) => one !== null),
        last,
      },
    };
  }
}

function taskByAge(
  { keepTasksDays }: Settings,
  oldest: { readonly taskId: string; readonly endedAt: number } | undefined,
): NextRemoval | null {
  if (keepTasksDays === null || oldest === undefined) return null;
  return { what: 'task', why: 'age', taskId: oldest.taskId, at: iso(oldest.endedAt + keepTasksDays * dayMs) };
}

/** A task that was run again ended later than its first run did. */
function runByAge({ keepTranscriptsDays }: Settings, runs: readonly KeptRun[]): NextRemoval | null {
  const ended = runs.flatMap(({ taskId, taskEndedAt }) => (taskEndedAt === null ? [] : [{ taskId, taskEndedAt }]));
  const [first] = ended.toSorted((a, b) => a.taskEndedAt - b.taskEndedAt);
  if (keepTranscriptsDays === null || first === undefined) return null;
  const at = iso(first.taskEndedAt + keepTranscriptsDays * dayMs);
  return { what: 'transcripts', why: 'age', taskId: first.taskId, at };
}

function runBySize(
  settings: Settings,
  { transcriptBytes, fileBytes }: StoredTotal,
  runs: readonly KeptRun[],
  now: number,
): NextRemoval | null {
  const most = maxStoredBytes(settings);
  const first = runs.find((run) => extentBySize(run) !== null);
  if (most === null || first === undefined || transcriptBytes + fileBytes <= most) return null;
  return { what: 'transcripts', why: 'size', taskId: first.taskId, at: iso(now) };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
