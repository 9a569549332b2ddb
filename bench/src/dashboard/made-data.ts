// What the pages are measured with: a long conversation and a wide change, in runs that went through the product.
import type { WorkerEvent } from '@corch/contract';
import { RawWorker, type RawRun } from '@corch/e2e/raw-worker';
import type { Stack } from '@corch/e2e/stack';

export const eventCount = 20_000;
export const fileCount = 300;
/** 50,000 lines of change in all, three of ten with a word replaced. */
const linesPerFile = 167;
const batch = 1000;

/** A task of 20,000 events (and those of the orchestrator itself) and one that changed 300 files; both are done. */
export async function makeRuns(stack: Stack): Promise<{ long: string; wide: string; events: number }> {
  const worker = await RawWorker.enrol(stack, 'writer');
  const long = await runOne(stack, worker, 'A very long conversation', async (run) => {
    for (let n = 1; n <= eventCount; n += batch) {
      const events = Array.from({ length: batch }, (_, index) => eventOf(n + index));
      await run.client.appendEvents({
        params: { runId: run.claimed.runId },
        body: { epoch: run.claimed.epoch, firstN: n, events },
      });
    }
    return eventCount;
  });
  const wide = await runOne(stack, worker, 'A very wide change', async (run) => {
    await run.writePatch(Array.from({ length: fileCount }, (_, n) => patchOf(n)).join(''));
    return 0;
  });
  const { currentRun } = await stack.client.readTask({ params: { taskId: long } });
  return { long, wide, events: currentRun.eventCount };
}

async function runOne(stack: Stack, worker: RawWorker, title: string, work: (run: RawRun) => Promise<number>) {
  const { id } = await stack.client.submitTask({ body: { title, executor: 'command', command: ['true'] } });
  const [run] = await worker.claim();
  if (run === undefined) throw new Error(`nothing was there to claim for “${title}”`);
  await run.reportStart();
  await run.finish('succeeded', await work(run));
  return id;
}

/** Claude says what it does, calls a tool, and reads a dozen lines. */
function eventOf(n: number): WorkerEvent {
  const at = new Date(Date.now() - (eventCount - n) * 100).toISOString();
  const toolUseId = `tool-${Math.floor((n - 1) / 3)}`;
  switch (n % 3) {
    case 1:
      return { at, type: 'text', text: `Step ${n}: I look at \`src/file-${n}.ts\`, since it may hold the **cause**.` };
    case 2:
      return { at, type: 'tool_use', toolUseId, name: 'Bash', input: { command: `cat src/file-${n}.ts` } };
    default:
      return { at, type: 'tool_result', toolUseId, isError: n % 50 === 0, text: `line of ${n}\n`.repeat(12) };
  }
}

function patchOf(n: number): string {
  const path = `src/part-${Math.floor(n / 20)}/file-${n}.ts`;
  const kept = Array.from({ length: 8 }, (_, line) => `   const before${line} = read(${line});`);
  const changed = Array.from({ length: Math.floor(linesPerFile / 4) }, (_, line) => [
    `-  const value${line} = sum(${line}, left);`,
    `+  const value${line} = total(${line}, left);`,
  ]).flat();
  const added = Array.from({ length: linesPerFile - changed.length }, (_, line) => `+  check(value${line}, ${n});`);
  const removed = changed.length / 2;
  const before = kept.length + removed;
  const after = kept.length + removed + added.length;
  return [
    `diff --git a/${path} b/${path}`,
    'index 1111111..2222222 100644',
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -10,${before} +10,${after} @@ export function part${n}() {`,
    ...kept,
    ...changed,
    ...added,
    '',
  ].join('\n');
}
