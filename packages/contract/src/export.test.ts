import { describe, expect, it } from '@jest/globals';
import { exportHead, exportLine } from './export.js';
import type { Task } from './task.js';

const task: Task = {
  id: 'task_1',
  title: '=HYPERLINK("http://x","y")',
  status: 'succeeded',
  reason: null,
  reasonText: null,
  hint: null,
  executor: 'claude',
  promptPreview: 'Fix it',
  repository: { url: 'https://github.com/acme/api.git' },
  repositoryName: null,
  ref: null,
  branch: '-x',
  pool: 'default',
  labels: ['a', 'b=c'],
  requirements: [],
  priority: -5,
  concurrencyKey: null,
  concurrencyLimit: 1,
  retries: 0,
  backoff: { type: 'exponential', delayMs: 10_000, maxMs: 300_000 },
  demo: false,
  runCount: 1,
  currentRunId: 'run_1',
  workerName: 'one, two\nthree',
  submittedBy: '@admin',
  createdAt: '2026-11-29T10:00:00.000Z',
  updatedAt: '2026-11-29T10:01:01.500Z',
  startAt: null,
  startedAt: '2026-11-29T10:00:01.000Z',
  endedAt: '2026-11-29T10:01:01.500Z',
  cost: { amount: '0.38', currency: 'USD', basis: 'estimate' },
  stat: { files: 1, additions: 2, deletions: 3 },
  delivered: null,
  url: 'http://127.0.0.1/tasks/task_1',
};

describe('an export', () => {
  it('is CSV in which no text is a formula', () => {
    const line = exportLine('csv', task);
    expect(line).toBe(
      [
        'task_1',
        `"'=HYPERLINK(""http://x"",""y"")"`,
        'succeeded',
        '',
        'acme/api',
        '',
        `'-x`,
        'default',
        'a b=c',
        '-5',
        '1',
        '"one, two\nthree"',
        `'@admin`,
        '2026-11-29T10:00:00.000Z',
        '2026-11-29T10:00:01.000Z',
        '2026-11-29T10:01:01.500Z',
        '60.5',
        '0.38',
        '1,2,3',
        '',
        'http://127.0.0.1/tasks/task_1\r\n',
      ].join(','),
    );
    expect(exportHead('csv').trim().split(',')).toHaveLength(23);
  });

  it('is a JSON document a line', () => {
    expect(exportHead('jsonl')).toBe('');
    expect(JSON.parse(exportLine('jsonl', task))).toEqual(task);
  });
});
