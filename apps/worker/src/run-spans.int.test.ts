// What a worker sends of its runs, with the real libraries and a receiver on loopback.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeTelemetry, openTelemetry } from '@corch/telemetry';
import { Receiver, type ReceivedSpan } from '@corch/telemetry/testing';
import { join } from 'node:path';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const environment = { ...process.env };

let stack: Stack;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
  Object.assign(process.env, receiver.variables);
  const ignore = () => undefined;
  await openTelemetry({
    settings: { traces: { protocol: 'http/json' }, errors: null },
    ...{
      service: 'corch-worker',
      version: '0',
      redact: (text: string) => text,
      logger: { info: ignore, warn: ignore },
    },
  });
  stack = await startStack();
  await stack.startWorker();
});
afterAll(async () => {
  await stack.close();
  await closeTelemetry();
  process.env = { ...environment };
  await receiver.close();
});

/** The spans of a run, by name. Its own one is the last that comes. */
async function spansOf(runId: string): Promise<Map<string, ReceivedSpan>> {
  for (let n = 0; n < 3000; n++) {
    const own = receiver.spans.find((span) => span.attributes['corch.run_id'] === runId && span.name === 'execute');
    if (own !== undefined) {
      const all = receiver.spans.filter((span) => span.traceId === own.traceId);
      return new Map(all.map((span) => [span.name, span]));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing was told of ${runId}`);
}

describe('the spans of a run', () => {
  it('stand below the place that the orchestrator gave it, with what Claude cost', async () => {
    const run = stack.orchestrator.submit({ prompt: 'Tell no span [[scenario:edits]]' }, { traceparent });
    const { finish } = await stack.orchestrator.finished(run);
    const spans = await spansOf(run.claimed.runId);
    const own = spans.get('execute');
    expect(own).toMatchObject({
      traceId,
      parentSpanId: 'b7ad6b7169203331',
      isError: false,
      attributes: { 'corch.task_id': run.claimed.taskId, 'corch.epoch': 1, 'corch.outcome': 'succeeded' },
    });
    for (const name of ['prepare', 'claude', 'change', 'upload', 'finish']) {
      expect([name, spans.get(name)?.parentSpanId]).toEqual([name, own?.spanId]);
    }
    expect(finish.costUsd).toBeGreaterThan(0);
    expect(spans.get('claude')?.attributes).toMatchObject({
      'corch.cost_usd': finish.costUsd,
      'corch.outcome': 'succeeded',
      'process.exit.code': 0,
      'corch.turns': finish.result?.turns,
    });
    expect(receiver.text).not.toContain('Tell no span');
  });

  it('are a trace of their own when the orchestrator sends none', async () => {
    const run = stack.orchestrator.submit({ executor: 'command', command: ['true'] });
    await stack.orchestrator.finished(run);
    const spans = await spansOf(run.claimed.runId);
    expect(spans.get('execute')?.traceId).not.toBe(traceId);
    expect(spans.get('execute')?.parentSpanId).toBeUndefined();
    expect(spans.has('command')).toBe(true);
  });

  it('name the check that failed, and no command line', async () => {
    const path = makeRepository(join(stack.base, 'repositories', 'spans'));
    const checks = ['true --not-told', { name: 'tests', command: 'exit 3' }];
    const run = stack.orchestrator.submit({
      executor: 'command',
      command: ['true'],
      repository: { path },
      checks,
    });
    await stack.orchestrator.finished(run);
    const spans = await spansOf(run.claimed.runId);
    expect(spans.get('execute')).toMatchObject({ isError: true, attributes: { 'error.type': 'checks_failed' } });
    expect(spans.get('check')).toMatchObject({
      isError: true,
      attributes: { 'corch.step': 'tests', 'process.exit.code': 3, 'error.type': 'step_failed' },
    });
    expect(receiver.text).not.toContain('not-told');
  });
});
