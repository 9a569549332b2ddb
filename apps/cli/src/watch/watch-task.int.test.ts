import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { FakeTerminal } from '../testing/fake-terminal.js';
import { at, makeEvents, makeRun, makeTask } from '../testing/make.js';
import { TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
/** The task as it is when its run has ended. */
const ended = (task: TaskDetail, given: Partial<TaskDetail>): TaskDetail => {
  const last = { endedAt: at(62), ...given };
  return { ...task, ...last, currentRun: { ...task.currentRun, ...(last as object), id: task.currentRunId } };
};
const spoken = makeEvents(
  { type: 'session', sessionId: 's', model: 'opus', cwd: '/w' },
  { type: 'text', text: 'I will run the tests.' },
  { type: 'tool_use', toolUseId: 'a', name: 'Bash', input: { command: 'npm test' } },
  { type: 'tool_result', toolUseId: 'a', isError: true, text: 'Exit code 1\nFAIL auth.spec.ts' },
  { type: 'text', text: 'Now they pass.' },
);

describe('watch', () => {
  it('in a pipe prints plain lines: header, folded tools, how it ended, and what is next on stderr', async () => {
    const task = server.addTask(makeTask(), spoken);
    const terminal = new FakeTerminal();
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('Now they pass.');
    server.setTask(
      ended(task, {
        status: 'succeeded',
        stat: { files: 2, additions: 12, deletions: 5 },
        cost: { amount: '0.381', currency: 'USD', basis: 'estimate' },
      }),
    );
    const { code, stdout, stderr } = await watching;
    expect(code).toBe(exitCodes.ok);
    expect(stdout.split('\n')).toEqual([
      'Fix the flaky test',
      `${task.id} · running · bench-1`,
      task.url,
      'I will run the tests.',
      '▸ Bash npm test  ✗ exit 1  0:01',
      'Now they pass.',
      '✓ succeeded in 1:01 · +12 −5 in 2 files · est. $0.38',
      '',
    ]);
    expect(stderr).toContain(`corch diff ${task.id.slice(-6)}`);
  });

  it('on a screen keeps a line that says what goes on, and takes it away at the end', async () => {
    const task = server.addTask(makeTask(), spoken.slice(0, 3));
    const terminal = new FakeTerminal({ isTTY: true, columns: 60 });
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('▸ Bash npm test');
    expect(terminal.stdout.text).toContain('\r\u001b[K● running');
    server.setTask(ended(task, { status: 'cancelled', reasonText: 'Cancelled.' }));
    expect((await watching).code).toBe(exitCodes.taskFailed);
    const [last = ''] = terminal.stdout.text.split('\r\u001b[K').slice(-1);
    expect(last).toContain('cancelled');
    expect(last).not.toContain('● running');
  });

  it('adds prompts, thinking and results with --full', async () => {
    const more = makeEvents({ type: 'prompt', text: 'Do it' }, { type: 'thinking', text: 'Hm.' });
    const task = server.addTask(
      makeTask({ status: 'succeeded', endedAt: at(9) }),
      [...more, ...spoken].map((event, index) => ({ ...event, seq: index + 1 })),
    );
    const brief = (await call(['watch', task.id])).stdout;
    const full = (await call(['watch', task.id, '--full'])).stdout;
    for (const words of ['> Do it', 'Hm.', 'FAIL auth.spec.ts']) {
      expect(full).toContain(words);
      expect(brief).not.toContain(words);
    }
  });

  it('goes on after lost connections, with no event left out or told twice', async () => {
    const task = server.addTask(makeTask(), spoken.slice(0, 2));
    const terminal = new FakeTerminal();
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('I will run the tests.');
    server.dropStreams();
    server.say(task.currentRunId, ...spoken.slice(2));
    await terminal.says('Now they pass.');
    server.setTask(ended(task, { status: 'succeeded' }));
    const { stdout, stderr } = await watching;
    expect(stdout.match(/I will run the tests\./g)).toHaveLength(1);
    expect(stdout).toContain('▸ Bash npm test');
    expect(stderr).toMatch(/connection lost[^]*connected again/);
    expect(server.followers.at(-1)?.lastEventId).toBe('2');
  });

  it('goes on with the next run of the task', async () => {
    const task = server.addTask(makeTask(), spoken.slice(0, 2));
    const terminal = new FakeTerminal();
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('I will run the tests.');
    const first = { ...task.currentRun, status: 'failed' as const, endedAt: at(9) };
    const second = makeRun({ taskId: task.id, attempt: 2 });
    server.earlierRuns.set(task.id, [first]);
    const retried = { ...task, runCount: 2, currentRun: second, currentRunId: second.id };
    server.setTask(retried);
    await terminal.says('Run 2 begins.');
    server.say(second.id, ...makeEvents({ type: 'text', text: 'Second try.' }));
    await terminal.says('Second try.');
    server.setTask(ended(retried, { status: 'succeeded' }));
    expect((await watching).code).toBe(exitCodes.ok);
  });

  it('says why a task waits, and what helps', async () => {
    const waiting = { status: 'queued' as const, reason: 'no_worker' as const, startedAt: null, workerName: null };
    const task = server.addTask(
      makeTask({ ...waiting, reasonText: 'No online worker.', hint: 'Start a `corch worker start`.' }),
    );
    const terminal = new FakeTerminal();
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('· queued: No online worker. Start a `corch worker start`.');
    server.setTask(
      ended(task, { status: 'cancelled', reason: 'user', reasonText: 'Cancelled by a person.', hint: null }),
    );
    expect((await watching).stdout).toContain('cancelled: Cancelled by a person.');
  });

  it.each([true, false])(
    'says once until when a parked run waits, and goes on watching (screen: %p)',
    async (isTTY) => {
      const task = server.addTask(makeTask(), spoken.slice(0, 2));
      const terminal = new FakeTerminal({ isTTY });
      const watching = call(['watch', task.id], { terminal });
      await terminal.says('I will run the tests.');
      const readyAt = new Date(Date.now() + 3_600_000).toISOString();
      const parked = { status: 'waiting', reason: 'usage_limit' } as const;
      const [event] = makeEvents({
        type: 'status',
        ...parked,
        text: `The plan limit is reached; it goes on at ${readyAt}.`,
      });
      if (event === undefined) throw new Error('no event was made');
      server.say(task.currentRunId, { ...event, seq: 3 });
      const reasonText = `The plan limit of the Claude login is reached; it goes on at ${readyAt}.`;
      server.setTask({ ...task, ...parked, reasonText, currentRun: { ...task.currentRun, ...parked, readyAt } });
      await terminal.says(isTTY ? 'goes on in ' : '· waiting: The plan limit');
      server.setTask({ ...task, reason: null, reasonText: null });
      server.say(task.currentRunId, ...makeEvents({ type: 'text', text: 'On again.' }).map((e) => ({ ...e, seq: 4 })));
      await terminal.says('On again.');
      server.setTask(ended(task, { status: 'succeeded' }));
      const { code, stdout } = await watching;
      expect(code).toBe(exitCodes.ok);
      expect(stdout.match(/· waiting: .*It goes on by itself/g)).toHaveLength(1);
      expect(stdout.includes(readyAt)).toBe(!isTTY);
    },
  );

  it('takes the newest running task when none is named', async () => {
    const task = server.addTask(makeTask(), spoken);
    server.addTask(makeTask({ status: 'succeeded' }));
    const terminal = new FakeTerminal();
    const watching = call(['watch'], { terminal });
    await terminal.says('Now they pass.');
    expect(terminal.stderr.text).toContain(`Watching ${task.id.slice(-6)}, the newest running task.`);
    server.setTask(ended(task, { status: 'succeeded' }));
    await watching;
  });

  it('leaves the task to itself on Ctrl-C and says how to come back; a second one quits at once', async () => {
    const task = server.addTask(makeTask(), spoken);
    const terminal = new FakeTerminal();
    const watching = call(['watch', task.id], { terminal });
    await terminal.says('Now they pass.');
    terminal.signals.emit('SIGINT');
    terminal.signals.emit('SIGINT');
    const { code, stderr } = await watching;
    expect(code).toBe(exitCodes.interrupted);
    expect(stderr).toMatch(/task goes on.*corch watch \w{6}.*corch cancel \w{6}/);
    expect(terminal.quits).toEqual([exitCodes.interrupted]);
    expect(server.received.some(({ route }) => route === 'cancelTask')).toBe(false);
    expect(terminal.signals.listenerCount('SIGINT')).toBe(0);
  });

  it.each([
    ['failed', 'command_failed', exitCodes.taskFailed],
    ['timed_out', 'run_time', exitCodes.taskFailed],
    ['failed', 'budget_exceeded', exitCodes.limit],
    ['failed', 'usage_limit', exitCodes.limit],
  ] as const)('tells %s: %s by its exit code', async (status, reason, code) => {
    const task = server.addTask(
      makeTask({ status, reason, reasonText: 'It broke.', hint: 'Mend it.', endedAt: at(3) }),
    );
    const end = await call(['watch', task.id]);
    expect(end.code).toBe(code);
    expect(end.stdout).toContain(`✗ ${status}: It broke.`);
    expect(end.stderr).toContain('Mend it.');
  });
});

describe('run -w', () => {
  it('watches what it submitted; with --json stdout is the one document', async () => {
    const terminal = new FakeTerminal();
    const running = call(['run', 'x', '-w', '--json'], { terminal });
    await terminal.says('http://');
    const [task] = server.tasks;
    if (task === undefined) throw new Error('nothing was submitted');
    server.say(task.currentRunId, ...makeEvents({ type: 'text', text: 'Working.' }));
    await terminal.says('Working.');
    server.setTask(ended({ ...task, status: 'running' }, { status: 'succeeded', startedAt: at(1) }));
    const { code, stdout, stderr } = await running;
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(stdout)).toMatchObject({ id: task.id, status: 'succeeded' });
    expect(stderr).toContain('Working.');
  });
});

describe('logs -f', () => {
  it('goes on until the task has ended, without repeating what is stored', async () => {
    const task = server.addTask(makeTask(), spoken.slice(0, 2));
    const terminal = new FakeTerminal();
    const following = call(['logs', '-f', task.id, '--json'], { terminal });
    await terminal.says('I will run the tests.');
    server.say(task.currentRunId, ...spoken.slice(2));
    await terminal.says('Now they pass.');
    server.setTask(ended(task, { status: 'failed' }));
    const { code, stdout } = await following;
    expect(code).toBe(exitCodes.ok);
    const seqs = stdout
      .trim()
      .split('\n')
      .map((each) => (JSON.parse(each) as { seq: number }).seq);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
  });
});
