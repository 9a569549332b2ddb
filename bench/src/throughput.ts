import { resolve } from 'node:path';
import type { Store } from '@corch/e2e/store';
import { measureLoad, type Load } from './load-process.js';
import type { Options } from './options.js';
import { peers, withPeerPlace } from './peers.js';
import { usage } from './process-usage.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers, type Servers } from './servers.js';

const targets = { perSecond: 300, cpuMs: 4 };

/** Durable runs per second over HTTP and what each costs the orchestrator, beside libraries that do no more than hand jobs on. */
export async function* measureThroughput(options: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  try {
    for (const workers of options.workers) {
      const rates = [{ what: 'target', value: targets.perSecond }];
      for (const peer of options.peers ? peers : []) {
        const { perSecond } = await withPeerPlace(servers, peer, (place) =>
          measureLoad({ kind: 'saturate', queue: peer, place, workers }, options.seconds, () => undefined),
        );
        rates.push({ what: `raw ${peer}`, value: perSecond });
      }
      for (const mode of options.modes) {
        const measured = await corchRate(servers, mode, workers, options);
        const of = `${mode}, ${workers} worker${workers === 1 ? '' : 's'}`;
        for (const against of rates) {
          yield { what: `runs per second: ${of}`, value: measured.perSecond, unit: '/s', against };
        }
        const target = { what: 'target', value: targets.cpuMs };
        yield { what: `orchestrator CPU per run: ${of}`, value: measured.cpuMs, unit: 'ms', against: target };
        const core = { what: 'one core', value: 100 };
        yield { what: `orchestrator CPU: ${of}`, value: measured.cpuPercent, unit: '%', against: core };
        yield { what: `load CPU: ${of}`, value: measured.loadPercent, unit: '%', against: core };
      }
    }
  } finally {
    await servers.stop();
  }
}

async function corchRate(servers: Servers, mode: Store, workers: number, { seconds, profile }: Options) {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`];
  const { stack, place, stop } = await startOrchestrator(servers, mode, profiling);
  try {
    const look = (load: Load) => ({
      server: usage(stack.orchestrator.pid).cpuMs,
      load: sum(load.pids.map((pid) => usage(pid).cpuMs)),
    });
    const plan = { kind: 'saturate', queue: 'corch', place, workers } as const;
    const { done, perSecond, ms, before, after } = await measureLoad(plan, seconds, look);
    const cpuMs = after.server - before.server;
    const loadMs = after.load - before.load;
    return { perSecond, cpuMs: cpuMs / done, cpuPercent: (cpuMs / ms) * 100, loadPercent: (loadMs / ms) * 100 };
  } finally {
    await stop();
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
