import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Stack } from '@corch/e2e/stack';
import { measureClaudeOverhead } from './claude-overhead.js';
import { measureDispatch } from './dispatch.js';
import { measureIdle } from './idle.js';
import { line, type Row } from './report.js';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '20' },
    tasks: { type: 'string', default: '100' },
    'idle-seconds': { type: 'string', default: '30' },
  },
});

const print = (rows: Row[]) => rows.forEach((row) => console.log(line(row)));

const stack = await new Stack({ profile: {} }).start();
try {
  const claude = (await stack.client.listWorkers()).data[0]?.claude;
  if (claude === undefined) throw new Error('no worker registered');
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Claude Code ${claude.version}`,
  );
  // Idle first: what a fresh pair of processes takes, before anything ran on it.
  print(await measureIdle(stack, Number(values['idle-seconds'])));
  print(await measureDispatch(stack, Number(values.tasks)));
  print(await measureClaudeOverhead(stack, claude.path, Number(values.pairs)));
} finally {
  await stack.stop();
}
