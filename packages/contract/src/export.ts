// Tasks as a table for other programs.
import { z } from 'zod';
import { TaskFilter } from './page.js';
import { repositoryName } from './repository-url.js';
import type { Task } from './task.js';

export const ExportFormat = z.enum(['csv', 'jsonl']);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportQuery = TaskFilter.extend({ format: ExportFormat.default('csv') });
export type ExportQuery = z.infer<typeof ExportQuery>;

type Cell = string | number | null | undefined;

const columns: Record<string, (task: Task) => Cell> = {
  id: ({ id }) => id,
  title: ({ title }) => title,
  status: ({ status }) => status,
  reason: ({ reason }) => reason,
  repository: ({ repositoryName: name, repository }) => name ?? (repository && repositoryName(repository)),
  ref: ({ ref }) => ref,
  branch: ({ branch }) => branch,
  pool: ({ pool }) => pool,
  labels: ({ labels }) => labels.join(' '),
  priority: ({ priority }) => priority,
  runs: ({ runCount }) => runCount,
  worker: ({ workerName }) => workerName,
  submitted_by: ({ submittedBy }) => submittedBy,
  created_at: ({ createdAt }) => createdAt,
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ endedAt }) => endedAt,
  duration_seconds: ({ startedAt, endedAt }) =>
    startedAt === null || endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
  cost_usd_estimate: ({ cost }) => (cost === null ? null : Number(cost.amount)),
  files: ({ stat }) => stat?.files,
  additions: ({ stat }) => stat?.additions,
  deletions: ({ stat }) => stat?.deletions,
  pull_request: ({ delivered }) => delivered?.pullRequest?.url,
  url: ({ url }) => url,
};

/** The first lines of an export, or nothing where the format has no head. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? csvLine(Object.keys(columns)) : '';
}

/** A task as a line of an export, with its end. */
export function exportLine(format: ExportFormat, task: Task): string {
  if (format === 'jsonl') return `${JSON.stringify(task)}\n`;
  return csvLine(Object.values(columns).map((cell) => cell(task)));
}

/** RFC 4180. */
function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets a quote before it. */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
