import { Stack } from '@corch/e2e/stack';
import { measureClaudeOverhead } from './claude-overhead.js';
import { measureDispatch } from './dispatch.js';
import { measureIdle } from './idle.js';
import type { Options } from './options.js';
import type { Row } from './report.js';

/** An orchestrator and a worker on one machine, with the real Claude Code. */
export async function* measureStack({ idleSeconds, tasks, pairs }: Options): AsyncGenerator<Row> {
  const stack = await new Stack({ profile: {} }).start();
  try {
    const claude = (await stack.client.listWorkers()).data[0]?.claude;
    if (claude === undefined) throw new Error('no worker registered');
    console.log(`Claude Code ${claude.version}`);
    // Idle first: what a fresh pair of processes takes, before anything ran on it.
    yield* await measureIdle(stack, idleSeconds);
    yield* await measureDispatch(stack, tasks);
    yield* await measureClaudeOverhead(stack, claude.path, pairs);
  } finally {
    await stack.stop();
  }
}
