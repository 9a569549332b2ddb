import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '@corch/e2e/stack';
import { usage } from './process-usage.js';
import type { Row } from './report.js';

/** The engine still compiles what start-up used; that is no part of waiting. */
const settleMs = 10_000;

/** Memory and CPU of an orchestrator and a worker that wait, with the clocks of production, over `seconds`. */
export async function measureIdle(stack: Stack, seconds: number): Promise<Row[]> {
  const programs = [
    { name: 'orchestrator', pid: stack.orchestrator.pid, memoryTarget: 160 },
    ...stack.workers.map((worker) => ({ name: 'worker', pid: worker.pid, memoryTarget: 90 })),
  ];
  await delay(settleMs);
  const before = programs.map(({ pid }) => usage(pid));
  await delay(seconds * 1000);
  return programs.flatMap(({ name, pid, memoryTarget }, index) => {
    const after = usage(pid);
    const percent = ((after.cpuMs - (before[index]?.cpuMs ?? 0)) / (seconds * 1000)) * 100;
    return [
      {
        what: `idle ${name}: memory`,
        value: after.memoryMb,
        unit: 'MB',
        against: { what: 'target', value: memoryTarget },
      },
      { what: `idle ${name}: CPU over ${seconds} s`, value: percent, unit: '%', against: { what: 'target', value: 1 } },
    ];
  });
}
