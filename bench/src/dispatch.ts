import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '@corch/e2e/stack';
import type { Row } from './report.js';
import { median, quantile } from '@corch/e2e/statistics';

/** Prints the wall clock in ms with fractions: the child itself says when it started. */
const clock = ['date', '+%s.%N'] as const;
const startedMs = (printed: string) => Number(printed.trim()) * 1000;
const nowMs = () => performance.timeOrigin + performance.now();

async function bareStart(folder: string): Promise<number> {
  const begin = nowMs();
  const child = spawn(clock[0], clock.slice(1), { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  await once(child, 'close');
  return startedMs(printed) - begin;
}

async function taskStart(stack: Stack): Promise<number> {
  const begin = nowMs();
  const task = await stack.submit({ executor: 'command', command: [...clock] });
  const done = await stack.until(task.id);
  const output = (await stack.events(done.currentRunId)).find((event) => event.type === 'output');
  if (output?.type !== 'output') throw new Error('the command printed nothing');
  return startedMs(output.text) - begin;
}

/** From the request that submits a task until its child runs, on an idle stack, beside a bare spawn. */
export async function measureDispatch(stack: Stack, tasks: number): Promise<Row[]> {
  const folder = join(stack.folder, 'bare-start');
  mkdirSync(folder, { recursive: true });
  await bareStart(folder);
  await taskStart(stack);
  const bare: number[] = [];
  const task: number[] = [];
  for (let n = 0; n < tasks; n++) {
    bare.push(await bareStart(folder));
    task.push(await taskStart(stack));
  }
  const against = { what: 'bare spawn', value: median(bare) };
  return [
    { what: `submit → child started, p50 of ${tasks}`, value: median(task), unit: 'ms', against },
    { what: `submit → child started, p95 of ${tasks}`, value: quantile(task, 0.95), unit: 'ms', against },
    { what: 'submit → child started, p50', value: median(task), unit: 'ms', against: { what: 'target', value: 30 } },
  ];
}
