import { describe, expect, it } from '@jest/globals';
import type { Run, RunEvent, Status } from '@corch/contract';
import type { TaskFacts } from './balance.js';
import { KeyLimits } from './key-limits.js';
import { addRecoveries, type Fault, type Recoveries } from './recovery.js';

type Row = [at: number, status: Status, workerName?: string, reason?: 'worker_lost' | 'handed_back'];

const events = (...rows: Row[]): RunEvent[] =>
  rows.map(([at, status, workerName, reason], index) => ({
    seq: index + 1,
    at: new Date(at).toISOString(),
    epoch: 1,
    type: 'status',
    status,
    reason: reason ?? null,
    text: null,
    workerName: workerName ?? null,
  }));

const session = (at: number): RunEvent => ({
  seq: 9,
  at: new Date(at).toISOString(),
  epoch: 1,
  type: 'session',
  sessionId: 's',
  model: 'm',
  cwd: '/',
});

function recoveriesOf(runs: RunEvent[][], ...faults: Fault[]): Recoveries {
  const asked = { executor: 'command' as const, retriesAsked: 0, fails: false };
  const task: TaskFacts = {
    id: 'task_1',
    status: 'succeeded',
    currentRunId: 'run_1',
    asked,
    runs: runs.map((own, index) => ({
      run: { id: `run_${index + 1}` } as Run,
      events: own,
      executions: [],
      patch: '',
    })),
  };
  const recoveries: Recoveries = { restarted: [], gone: [], handedBack: [], disturbed: 0 };
  addRecoveries(task, faults, recoveries);
  return recoveries;
}

const killed: Fault = { kind: 'worker killed', target: 'w1', at: 3000, until: 4000 };
const gone: Fault = { kind: 'worker gone', target: 'w1', at: 3000, until: null };

describe('addRecoveries', () => {
  it('counts from the restart until Claude goes on', () => {
    const run = [...events([1000, 'queued'], [2000, 'running', 'w1']), session(5500)];
    expect(recoveriesOf([run], killed)).toMatchObject({ restarted: [1500], gone: [], disturbed: 0 });
  });
  it('counts until a command is told to have ended, but not its loss', () => {
    const ended = events([1000, 'queued'], [2000, 'running', 'w1'], [4200, 'failed', 'w1']);
    const lost = events([1000, 'queued'], [2000, 'running', 'w1'], [4200, 'failed', 'w1', 'worker_lost']);
    expect(recoveriesOf([ended], killed).restarted).toEqual([200]);
    expect(recoveriesOf([lost], killed).restarted).toEqual([]);
  });
  it('ignores workers that did not hold the run at that moment', () => {
    const run = events([1000, 'queued'], [2000, 'running', 'w2'], [4200, 'succeeded', 'w2']);
    expect(recoveriesOf([run], killed, gone)).toMatchObject({ restarted: [], gone: [], disturbed: 0 });
  });
  it('counts from the death of a machine until another one begins', () => {
    const first = events([1000, 'queued'], [2000, 'running', 'w1'], [9000, 'failed', 'w1', 'worker_lost']);
    const next = events([9001, 'scheduled'], [9300, 'queued'], [9400, 'running', 'w3']);
    expect(recoveriesOf([first, next], gone).gone).toEqual([6400]);
  });
  it('counts how long a run rested', () => {
    const run = events(
      [1, 'queued'],
      [2000, 'running', 'w1'],
      [3000, 'queued', 'w1', 'handed_back'],
      [3400, 'running', 'w2'],
    );
    expect(recoveriesOf([run]).handedBack).toEqual([400]);
  });
  it('leaves out what a second fault fell into', () => {
    const run = [...events([1000, 'queued'], [2000, 'running', 'w1']), session(5500)];
    const outage: Fault = { kind: 'orchestrator killed', target: 'orchestrator', at: 3500, until: 4500 };
    expect(recoveriesOf([run], killed, outage)).toMatchObject({ restarted: [], gone: [], disturbed: 1 });
  });
});

describe('KeyLimits', () => {
  it('finds more runs than a key allows', () => {
    const limits = new KeyLimits();
    limits.add('one', 1, events([1, 'queued'], [10, 'running'], [20, 'succeeded']));
    limits.add('one', 1, events([1, 'queued'], [20, 'running'], [30, 'succeeded']));
    expect(limits.findings()).toEqual([]);
    limits.add('one', 1, events([1, 'queued'], [25, 'running'], [40, 'succeeded']));
    expect(limits.findings()).toEqual(['2 runs of the key one worked at once, 1 are allowed']);
  });
});
