import { measureLoad } from './load-process.js';
import type { Options } from './options.js';
import { usage } from './process-usage.js';
import type { Row } from './report.js';
import { startOrchestrator, startServers } from './servers.js';

/** Percent of a core for 1,000 workers. */
const target = 15;

/** What many workers that wait cost the orchestrator: heartbeats, claims that are held open, and control streams. */
export async function* measureIdleWorkers({ modes, fleet, idleSeconds }: Options): AsyncGenerator<Row> {
  const servers = await startServers();
  try {
    for (const mode of modes) {
      const { stack, place, stop } = await startOrchestrator(servers, mode);
      const look = () => usage(stack.orchestrator.pid);
      const alone = look();
      const plan = { kind: 'wait', place, workers: fleet } as const;
      const { before, after, ms } = await measureLoad(plan, idleSeconds, look).finally(stop);
      const of = `${fleet} idle workers, ${mode}`;
      yield {
        what: `orchestrator CPU: ${of}`,
        value: ((after.cpuMs - before.cpuMs) / ms) * 100,
        unit: '%',
        against: { what: 'target', value: target },
      };
      yield {
        what: `orchestrator memory: ${of}`,
        value: after.memoryMb,
        unit: 'MB',
        against: { what: 'without workers', value: alone.memoryMb },
      };
    }
  } finally {
    await servers.stop();
  }
}
