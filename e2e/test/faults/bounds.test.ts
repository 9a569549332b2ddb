// What a run says is bounded, with a visible mark, in valid text, and never holds up its end (F33).
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent, TaskDetail } from '@corch/contract';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import type { Program } from '../../src/program.js';

/** Node alone takes about 100 MB; what a run says must not lie in memory as a whole. */
const maxResidentMb = 600;

let stack: FaultStack;
let worker: Program;
beforeAll(async () => {
  stack = await startFaultStack('bounds', { workers: 0 });
  worker = await stack.startWorker();
});
afterAll(() => stack.finish());

/** The most that a process ever had in memory. */
const peakMb = ({ pid }: Program) =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const submit = (script: string) => stack.submit({ executor: 'command', command: ['sh', '-c', script] });
const eventsOf = (task: TaskDetail) => stack.events(task.currentRunId);
const outputOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'output' ? event.text : []));
const gapsOf = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'gap' ? event.text : []));

describe('a command that says too much', () => {
  it('on one line of 50 MB ends well, whole or with a mark', async () => {
    const task = await submit("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last");
    expect((await stack.until(task.id)).status).toBe('succeeded');
    const events = await eventsOf(task);
    const bytes = outputOf(events).join('').length;
    expect(bytes >= 50_000_000 || gapsOf(events).length > 0).toBe(true);
    expect(outputOf(events).join('').endsWith('last\n')).toBe(true);
  });

  it('in 200 MB of lines ends well, with a mark where the transcript ends', async () => {
    const task = await submit('yes 0123456789012345678901234567890123456789 | head -c 200000000');
    const done = await stack.until(task.id, undefined, 110_000);
    expect(done).toMatchObject({ status: 'succeeded', currentRun: { logIncomplete: true } });
    const events = await eventsOf(task);
    expect(gapsOf(events).length).toBeGreaterThan(0);
    expect(outputOf(events).join('').length).toBeLessThan(200_000_000);
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'succeeded' });
  });

  it('never fills the memory of worker or orchestrator', () => {
    for (const program of [worker, stack.orchestrator]) expect(peakMb(program)).toBeLessThan(maxResidentMb);
  });
});

describe('a command that says what is no text', () => {
  it('is kept as valid text', async () => {
    const task = await submit("head -c 100000 /dev/urandom; printf 'a\\0b\\377\\376\\n'; echo last");
    expect((await stack.until(task.id)).status).toBe('succeeded');
    const text = outputOf(await eventsOf(task)).join('');
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(text.endsWith('last\n')).toBe(true);
  });

  it('keeps a character whole that was said in two parts', async () => {
    const task = await submit(
      "printf 'sch\\303'; sleep 0.5; printf '\\266n \\360\\237'; sleep 0.5; printf '\\230\\200\\n'",
    );
    await stack.until(task.id);
    expect(outputOf(await eventsOf(task)).join('')).toBe('schön 😀\n');
  });
});
