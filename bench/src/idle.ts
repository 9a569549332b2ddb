import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '@corch/e2e/stack';
import type { Row } from './report.js';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Resident memory in MB and CPU time in ms of a process (Linux). */
function usage(pid: number): { memoryMb: number; cpuMs: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(afterName[11]) + Number(afterName[12]);
  return { memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, cpuMs: (ticks / ticksPerSecond) * 1000 };
}

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
