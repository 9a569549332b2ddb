import { cpus } from 'node:os';
import { measureDashboard } from './dashboard.js';
import { measureDispatchLatency } from './dispatch-latency.js';
import { measureEvents } from './events.js';
import { measureIdleRedis } from './idle-redis.js';
import { measureIdleWorkers } from './idle-workers.js';
import { measureMillion } from './million.js';
import { readOptions, type Options } from './options.js';
import { line, type Row } from './report.js';
import { measureStack } from './stack.js';
import { measureThroughput } from './throughput.js';
import { measureWorkspace } from './workspace.js';

const benches: Record<string, (options: Options) => AsyncGenerator<Row>> = {
  stack: measureStack,
  throughput: measureThroughput,
  'dispatch-latency': measureDispatchLatency,
  'idle-redis': measureIdleRedis,
  'idle-workers': measureIdleWorkers,
  million: measureMillion,
  events: measureEvents,
  workspace: measureWorkspace,
  dashboard: measureDashboard,
};

const { name, options } = readOptions(process.argv.slice(2));
const chosen = name === 'all' ? Object.entries(benches) : Object.entries(benches).filter(([one]) => one === name);
if (chosen.length === 0) {
  throw new Error(`There is no bench ${name}; choose from ${Object.keys(benches).join(', ')} and all.`);
}
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`);
for (const [title, measure] of chosen) {
  console.log(`\n${title}`);
  for await (const row of measure(options)) console.log(line(row));
}
