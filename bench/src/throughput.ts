import { resolve } from 'node:path';
import type { Store } from '@corch/e2e/store';
import { Load } from './load-process.js';
import type { LoadPlan } from './load/plan.js';
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
        const value = await withPeerPlace(servers, peer, (place) =>
          peerRate({ queue: peer, place, workers }, options.seconds),
        );
        rates.push({ what: `raw ${peer}`, value });
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

async function peerRate(plan: LoadPlan, seconds: number): Promise<number> {
  const load = await Load.start(plan);
  const { done, ms } = await load.measure(seconds, () => undefined);
  await load.stop();
  return done / (ms / 1000);
}

async function corchRate(servers: Servers, mode: Store, workers: number, { seconds, profile }: Options) {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`];
  const { stack, stop } = await startOrchestrator(servers, mode, profiling);
  try {
    const load = await Load.start({ queue: 'corch', place: { url: stack.url, token: stack.adminKey }, workers });
    const look = () => ({
      server: usage(stack.orchestrator.pid).cpuMs,
      load: sum(load.pids.map((pid) => usage(pid).cpuMs)),
    });
    const { done, ms, before, after } = await load.measure(seconds, look);
    await load.stop();
    const cpuMs = after.server - before.server;
    return {
      perSecond: done / (ms / 1000),
      cpuMs: cpuMs / done,
      cpuPercent: (cpuMs / ms) * 100,
      loadPercent: ((after.load - before.load) / ms) * 100,
    };
  } finally {
    await stop();
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
