// Looks at the processes of a soak all along: what of a run outlives it.
import { isFinal, type Run } from '@corch/contract';
import type { Client } from '@corch/contract/client';
import type { Stack } from '../stack.js';
import type { Fleet } from './fleet.js';
import { markedProcesses, type MarkedProcess } from './marked-processes.js';

const lookMs = 500;
/** The worker said that everything was gone: only the time between two looks is forgiven. */
const confirmedGraceMs = 2000;
/** The worker has to hear first that the run is not its own any more, and then gives Claude six seconds to stop. */
const unconfirmedGraceMs = 15_000;

/** Why processes of a run on some machine should not live, since when, and for how long they may yet. */
interface Verdict {
  readonly why: string;
  readonly since: number;
  readonly graceMs: number;
}

export class Watch {
  readonly zombies: string[] = [];
  private readonly ended = new Map<string, Verdict>();
  /** When a process was first seen of a run that another worker holds. */
  private readonly overtaken = new Map<string, number>();
  private readonly reported = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isLooking = false;

  constructor(
    private readonly stack: Stack,
    private readonly fleet: Fleet,
    private readonly client: Client,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      if (this.isLooking) return;
      this.isLooking = true;
      this.looking = this.look().finally(() => (this.isLooking = false));
    }, lookMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const now = Date.now();
    const marked = markedProcesses(this.stack.folder);
    for (const runId of new Set(marked.map((row) => row.runId))) {
      const own = marked.filter((row) => row.runId === runId);
      const ended = this.ended.get(runId);
      const run = ended === undefined ? await this.read(runId) : null;
      for (const row of own) {
        const verdict = ended ?? (run === null ? null : this.verdictOn(row, run, now));
        if (verdict !== null) this.judge(row, verdict, now);
      }
    }
  }

  private read(runId: string): Promise<Run | null> {
    return this.client.readRun({ params: { runId }, timeoutMs: 2000 }).catch(() => null);
  }

  /** A run that has ended has no processes, and one that another worker holds has none here. */
  private verdictOn(row: MarkedProcess, run: Run, now: number): Verdict | null {
    const { status, reason, confirmed, endedAt, workerName } = run;
    if (isFinal(status) && endedAt !== null) {
      const isConfirmed = reason !== 'worker_lost' && confirmed !== false;
      const graceMs = isConfirmed ? confirmedGraceMs : unconfirmedGraceMs;
      const why = `which is ${status}${reason === null ? '' : ` (${reason})`}`;
      const verdict = { why, since: Date.parse(endedAt), graceMs };
      this.ended.set(run.id, verdict);
      return verdict;
    }
    const host = this.fleet.hostOf(row.tmpDir);
    if (status !== 'running' || host === undefined || workerName === host.name) return null;
    const key = `${run.id} ${run.leaseEpoch} ${host.name}`;
    const since = this.overtaken.get(key) ?? now;
    this.overtaken.set(key, since);
    return { why: `which ${workerName} holds, not ${host.name}`, since, graceMs: unconfirmedGraceMs };
  }

  private judge(row: MarkedProcess, { why, since, graceMs }: Verdict, now: number): void {
    const awakeSince = this.fleet.hostOf(row.tmpDir)?.awakeSince ?? null;
    if (awakeSince === null) return;
    const age = now - Math.max(since, awakeSince);
    const key = `${row.pid} ${row.start}`;
    if (age <= graceMs || this.reported.has(key)) return;
    this.reported.add(key);
    this.zombies.push(`process ${row.pid} of ${row.runId}, ${why}, lives ${age} ms after: ${row.command}`);
  }
}
