import { z } from 'zod';
import { WantedWorkers } from './pool.js';
import { Status } from './status.js';
import { TaskId, Timestamp } from './values.js';

const count = z.number().int();
const bytes = z.number().int();

/** What retention has removed in a pass. */
export const RemovedReport = z.object({
  at: Timestamp,
  /** Tasks that were deleted with everything. */
  tasks: count,
  /** Runs that lost transcript and files, and are kept otherwise. */
  runs: count,
  /** What these runs, and those of the tasks, had stored. */
  bytes,
});
export type RemovedReport = z.infer<typeof RemovedReport>;

/** What retention removes next under one limit. */
export const NextRemoval = z.object({
  /** `task`: it is deleted. `transcripts`: its runs lose transcripts and files. */
  what: z.enum(['task', 'transcripts']),
  /** Which limit: how old it is, or how much is stored. */
  why: z.enum(['age', 'size']),
  taskId: TaskId,
  /** With the next pass after that time. */
  at: Timestamp,
});
export type NextRemoval = z.infer<typeof NextRemoval>;

/** How the tables of PostgreSQL, or the file of SQLite, fill the disk. */
export const DatabaseSize = z.object({
  kind: z.enum(['sqlite', 'postgres']),
  bytes,
  /** Of these, what was freed by deletions and is filled again first; null where that is not known. */
  freeBytes: bytes.nullable(),
  /** With PostgreSQL, the largest first: with indexes, and rows as its planner estimates them. */
  tables: z.array(z.object({ name: z.string(), bytes, rows: count })),
});
export type DatabaseSize = z.infer<typeof DatabaseSize>;

/** Transcripts and files of the runs that have ended, as they are stored. They are weighed within some minutes after the end. */
export const StoredSize = z.object({
  /** Compressed. */
  transcriptBytes: bytes,
  fileBytes: bytes,
  /** How many runs have any. */
  runs: count,
  /** When the one of them ended that ended first; null when there is none. */
  oldestEndedAt: Timestamp.nullable(),
});
export type StoredSize = z.infer<typeof StoredSize>;

/** An orchestrator on the database. */
export const OrchestratorFacts = z.object({
  host: z.string(),
  pid: count,
  version: z.string(),
  startedAt: Timestamp,
  lastSeenAt: Timestamp,
  /** Resident memory, as it said last; null from an older one. */
  memoryBytes: bytes.nullable(),
  /** It is the one that answers. */
  isThis: z.boolean(),
});
export type OrchestratorFacts = z.infer<typeof OrchestratorFacts>;

/** What an operator asks for. With very many runs their counts may be some seconds old. */
export const AdminStats = z.object({
  at: Timestamp,
  database: DatabaseSize,
  stored: StoredSize,
  retention: z.object({
    keepTasksDays: count.nullable(),
    keepTranscriptsDays: count.nullable(),
    maxStoredMb: count.nullable(),
    /** One for each limit that is set and has something in its reach. */
    next: z.array(NextRemoval),
    /** The last pass that removed anything; null when none has. */
    last: RemovedReport.nullable(),
  }),
  tasks: z.record(Status, count),
  runs: z.record(Status, count),
  workers: z.object({ online: count, offline: count, slotsUsed: count, slots: count }),
  /** What waits and works in each pool, and how many workers it could use. */
  pools: z.array(WantedWorkers),
  /** Since when the run waits that could have started first; null when none is in line. */
  oldestQueuedAt: Timestamp.nullable(),
  orchestrators: z.array(OrchestratorFacts),
});
export type AdminStats = z.infer<typeof AdminStats>;
