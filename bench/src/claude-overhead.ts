import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '@corch/e2e/stack';
import type { Row } from './report.js';
import { median } from '@corch/e2e/statistics';

const prompt = 'Say one sentence. [[scenario:one-turn]]';

/** One turn of the bare program, with the flags that matter for speed as the worker gives them. */
async function bareTurn(stack: Stack, claude: string): Promise<number> {
  const folder = mkdtempSync(join(stack.folder, 'bare-'));
  for (const name of ['home', 'tmp', 'work']) mkdirSync(join(folder, name), { mode: 0o700 });
  const begin = performance.now();
  const args = ['-p', '--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits'];
  const child = spawn(claude, [...args, '--setting-sources', 'user', '--strict-mcp-config'], {
    cwd: join(folder, 'work'),
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      PATH: process.env.PATH,
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      ANTHROPIC_API_KEY: 'sk-ant-test-opens-nothing',
      ANTHROPIC_BASE_URL: stack.model.url,
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    },
  });
  child.stdin.end(prompt);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the bare program ended with ${code}`);
  return performance.now() - begin;
}

/** The same turn as a task: from the request that submits it until a watcher is told that it ended. */
async function taskTurn(stack: Stack): Promise<number> {
  const begin = performance.now();
  const task = await stack.submit({ prompt });
  const feed = stack.client.follow('listEvents', {
    params: { runId: task.currentRunId },
    signal: AbortSignal.timeout(60_000),
  });
  for await (const message of feed) {
    if (message.type !== 'end') continue;
    const { status } = message.data as { status: string };
    if (status !== 'succeeded') throw new Error(`the task ended as ${status}`);
  }
  return performance.now() - begin;
}

/** What the product adds to one turn: `pairs` alternating pairs, one at a time, after one warm-up of each. */
export async function measureClaudeOverhead(stack: Stack, claude: string, pairs: number): Promise<Row[]> {
  await bareTurn(stack, claude);
  await taskTurn(stack);
  const bare: number[] = [];
  const task: number[] = [];
  for (let n = 0; n < pairs; n++) {
    bare.push(await bareTurn(stack, claude));
    task.push(await taskTurn(stack));
  }
  const added = median(task.map((ms, index) => ms - (bare[index] ?? Number.NaN)));
  return [
    {
      what: `one-turn task, submit → end seen (median of ${pairs})`,
      value: median(task),
      unit: 'ms',
      against: { what: 'bare `claude -p`', value: median(bare) },
    },
    {
      what: 'added by the product (median of pairs)',
      value: added,
      unit: 'ms',
      against: { what: 'target', value: 150 },
    },
  ];
}
