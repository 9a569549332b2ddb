import { describe, expect, it } from '@jest/globals';
import type { Run, RunEvent, Status } from '@corch/contract';
import { judgeTask, type Findings, type Lines, type RunFacts, type TaskFacts } from './balance.js';
import { readExecutions } from './witness.js';

const at = (ms: number) => new Date(ms).toISOString();

/** Status events at 1 s, 2 s …; `running` names the worker and begins the next epoch. */
function statusEvents(...steps: (Status | `running on ${string}`)[]): RunEvent[] {
  let epoch = 0;
  return steps.map((step, index) => {
    const [status, worker] = step.split(' on ') as [Status, string | undefined];
    if (status === 'running') epoch++;
    return {
      seq: index + 1,
      at: at((index + 1) * 1000),
      epoch,
      type: 'status',
      status,
      reason: null,
      text: null,
      workerName: worker ?? null,
    };
  });
}

function makeRun(run: Partial<Run>, events: RunEvent[], witness = ''): RunFacts {
  const base = {
    id: 'run_1',
    attempt: 1,
    trigger: 'submit',
    status: 'succeeded',
    leaseEpoch: 1,
    logIncomplete: false,
    confirmed: null,
    eventCount: events.length,
    leaseExpiresAt: null,
    startedAt: null,
  };
  const executions = readExecutions(witness).get(run.id ?? 'run_1') ?? [];
  return { run: { ...base, ...run } as Run, events, executions, patch: '' };
}

function judge(runs: RunFacts[], task: Partial<TaskFacts> = {}): Findings & { lines: Lines } {
  const findings: Findings = { lost: [], duplicated: [], broken: [] };
  const lines: Lines = { stored: 0, missing: 0 };
  const last = runs.at(-1)?.run;
  const asked = { executor: 'command' as const, retriesAsked: 0, fails: false };
  const facts = { id: 'task_1', status: last?.status ?? 'succeeded', currentRunId: last?.id ?? '', asked, runs };
  judgeTask({ ...facts, ...task }, findings, lines);
  return { ...findings, lines };
}

const good = statusEvents('queued', 'running on w1', 'succeeded');
const output = (seq: number, text: string): RunEvent => ({
  seq,
  at: at(2500),
  epoch: 1,
  type: 'output',
  stream: 'stdout',
  text,
});
/** Began, printed two lines and ended, all in the folder of a worker. */
const worked = (worker: string, id: string, from: number, to: number) =>
  [`${from} run_1 ${id} start`, `${from + 1} run_1 ${id} 1`, `${to - 1} run_1 ${id} 2`, `${to} run_1 ${id} end`]
    .map((line) => `${line} /tmp/x/${worker}/workspaces/run_1\n`)
    .join('');
const withOutput = (...texts: string[]) => {
  const [queued, running, ended] = good;
  if (queued === undefined || running === undefined || ended === undefined) throw new Error('unreachable');
  const told = texts.map((text, index) => output(3 + index, text));
  return [queued, running, ...told, { ...ended, seq: 3 + told.length }];
};

describe('judgeTask', () => {
  it('finds nothing wrong with a task that went well', () => {
    const witness = worked('w1', '7-1', 2100, 2900);
    expect(judge([makeRun({}, withOutput('7-1 1\n7', '-1 2\n'), witness)])).toEqual({
      lost: [],
      duplicated: [],
      broken: [],
      lines: { stored: 2, missing: 0 },
    });
  });
  it('finds a task that never ended', () => {
    const { lost } = judge([makeRun({ status: 'running' }, good.slice(0, 2))]);
    expect(lost).toEqual(['task_1 is still running']);
  });
  it('finds a second end', () => {
    const { duplicated } = judge([
      makeRun({}, statusEvents('queued', 'running on w1', 'succeeded', 'queued', 'running on w1', 'succeeded')),
    ]);
    expect(duplicated).toEqual(['run_1 ended 2 times']);
  });
  it('finds a hole in the numbers, and a number that is there twice', () => {
    const numbered = (...seqs: number[]) =>
      judge([
        makeRun(
          {},
          good.map((event, index) => ({ ...event, seq: seqs[index] ?? 0 })),
        ),
      ]);
    expect(numbered(1, 2, 4).lost).toEqual(['event 3 of run_1 has seq 4']);
    expect(numbered(1, 2, 2).duplicated).toEqual(['event 3 of run_1 has seq 2']);
  });
  it('finds lines that are gone, unless the run says so', () => {
    const witness = worked('w1', '7-1', 2100, 2900);
    const { lost } = judge([makeRun({}, withOutput('7-1 1\n'), witness)]);
    expect(lost).toEqual(['run_1 (succeeded) lacks 1 of 2 lines and says nothing']);
    const honest = judge([makeRun({ logIncomplete: true }, withOutput('7-1 1\n'), witness)]);
    expect(honest).toMatchObject({ lost: [], lines: { stored: 1, missing: 1 } });
  });
  it('asks no line of a worker that began when it had lost the run', () => {
    const events = statusEvents('queued', 'running on w1', 'queued', 'running on w2', 'succeeded');
    const run = (id: string, from: number) => makeRun({ leaseEpoch: 2 }, events, worked('w1', id, from, 4900));
    expect(judge([run('7-1', 2100)]).lost).toEqual(['run_1 (succeeded) lacks 2 of 2 lines and says nothing']);
    expect(judge([run('7-1', 3100)]).lost).toEqual([]);
  });
  it('finds a line that is stored twice', () => {
    const witness = worked('w1', '7-1', 2100, 2900);
    expect(judge([makeRun({}, withOutput('7-1 1\n7-1 2\n', '7-1 2\n'), witness)]).duplicated).toEqual([
      'run_1 stores the line 7-1 2 twice',
    ]);
  });
  it('finds two workers at the same epoch, and one without a claim', () => {
    const witness = worked('w1', '7-1', 2100, 2900) + worked('w2', '8-1', 2500, 2950);
    const { duplicated } = judge([makeRun({ logIncomplete: true }, good, witness)]);
    expect(duplicated).toEqual(['/tmp/x/w2/workspaces/run_1 worked on run_1 without a claim']);
  });
  it('forgives the clock of a claim that is a little ahead of the work', () => {
    expect(judge([makeRun({ logIncomplete: true }, good, worked('w1', '7-1', 1900, 2900))]).duplicated).toEqual([]);
    expect(judge([makeRun({ logIncomplete: true }, good, worked('w1', '7-1', 1500, 2900))]).duplicated).toHaveLength(1);
  });
  it('finds a worker that starts a run twice at once', () => {
    const witness = worked('w1', '7-1', 2100, 2900) + worked('w1', '8-1', 2500, 2950);
    const { duplicated } = judge([makeRun({ logIncomplete: true }, good, witness)]);
    expect(duplicated).toEqual([
      'run_1 epoch 1 ran twice at once: /tmp/x/w1/workspaces/run_1 until 2900, /tmp/x/w1/workspaces/run_1 from 2500',
    ]);
  });
  it('lets a stale worker be overtaken by a newer epoch', () => {
    const events = statusEvents('queued', 'running on w1', 'queued', 'running on w2', 'succeeded');
    const witness = worked('w1', '7-1', 2100, 4900) + worked('w2', '8-1', 4500, 4950);
    const run = makeRun({ leaseEpoch: 2, logIncomplete: true }, events, witness);
    expect(judge([run])).toMatchObject({ duplicated: [], broken: [] });
  });
  it('finds a run that follows a success', () => {
    const next = makeRun({ id: 'run_2', attempt: 2, trigger: 'automatic' }, good);
    expect(judge([makeRun({}, good), next]).duplicated).toEqual([
      'run_2 was opened though the run before it did not fail',
    ]);
  });
  it('finds a change that is gone', () => {
    const asked = { executor: 'claude' as const, retriesAsked: 0, fails: false };
    const { lost } = judge([makeRun({ stat: null }, good)], { asked });
    expect(lost).toEqual(['run_1 succeeded without the change that Claude made']);
    expect(judge([{ ...makeRun({}, good), patch: '+one\n+three\n' }], { asked }).lost).toEqual([]);
  });
  it('finds a failure that the work did not cause', () => {
    const run = makeRun(
      { status: 'failed', reason: 'internal', reasonText: 'Oh.' },
      statusEvents('queued', 'running on w1', 'failed'),
    );
    expect(judge([run]).broken).toEqual(['task_1 failed (internal) though its work did not: Oh.']);
    const lost: RunFacts = { ...run, run: { ...run.run, reason: 'worker_lost' } };
    expect(judge([lost]).broken).toHaveLength(1);
    const again: RunFacts = { ...lost, run: { ...lost.run, attempt: 2, trigger: 'automatic' } };
    expect(judge([lost, again]).broken).toEqual([]);
    const exit = { outcome: 'worker_killed', code: null, signal: null, message: null } as const;
    expect(judge([{ ...lost, run: { ...lost.run, exit } }]).broken).toEqual([]);
  });
  it('finds what the audit of a run finds, and a task that disagrees with its run', () => {
    const { broken } = judge([makeRun({ eventCount: 3 }, statusEvents('queued', 'succeeded'))], {
      status: 'cancelled',
    });
    expect(broken).toEqual([
      'task_1 is cancelled, but its last run run_1 is succeeded',
      'run run_1 counts 3 events and has 2',
    ]);
  });
});
