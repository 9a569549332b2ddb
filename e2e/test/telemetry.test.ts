// Traces, Claude Code's own telemetry and reports of errors, of the real programs with the real Claude Code, into a receiver on loopback.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Receiver, type ReceivedSpan } from '@corch/telemetry/testing';
import Libsql from 'libsql';
import type { Program } from '../src/program.js';
import { mains, startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
const traced = [
  { tools: [bash('echo done > done.txt; env | grep -E "OTEL|SENTRY" > seen.env || true')] },
  { text: 'Done.' },
];
const secrets = {
  prompt: 'The moon is made of cheese',
  header: 'of-the-worker-0123456789',
  key: 'sk-ant-test-opens-nothing',
};
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
/** Lets a test throw an error where nobody catches it. */
const breakable = ['--import', 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("nobody foresaw it")})'];

interface Line extends Record<string, unknown> {
  readonly message: string;
}
const linesOf = ({ stderr }: Program): Line[] =>
  stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));

describe('with a receiver', () => {
  let receiver: Receiver;
  let stack: Stack;
  beforeAll(async () => {
    receiver = await Receiver.start();
    const env = { ...receiver.variables, SENTRY_DSN: receiver.dsn };
    stack = await startStack({ workers: 0, env, nodeArgs: breakable, scripts: { traced } });
    await stack.startWorker({
      env: {
        ...receiver.variables,
        OTEL_EXPORTER_OTLP_HEADERS: `x-token=${secrets.header}`,
        WORKER_CLAUDE_OTLP_HEADERS: 'x-token=of-claude',
        CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
        OTEL_METRIC_EXPORT_INTERVAL: '500',
        OTEL_LOGS_EXPORT_INTERVAL: '500',
      },
    });
  });
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
  });

  const submit = async (body: object): Promise<{ id: string; currentRunId: string }> => {
    const headers = {
      authorization: `Bearer ${stack.adminKey}`,
      'content-type': 'application/json',
      'x-request-id': 'asked-by-a-test',
      traceparent,
    };
    const answer = await fetch(`${stack.url}/api/v1/tasks`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([202, 'asked-by-a-test']);
    return (await answer.json()) as { id: string; currentRunId: string };
  };

  it('one trace holds what both programs did for a run, and Claude’s own telemetry has its id', async () => {
    const task = await submit({
      prompt: `${secrets.prompt} [[scenario:traced]]`,
      repository: { path: stack.repository('traced') },
      checks: [{ name: 'is it done', command: 'test -f done.txt' }],
      artifacts: ['seen.env'],
    });
    const { currentRun } = await stack.until(task.id, ['succeeded'], 60_000);
    const runId = currentRun.id;

    const names = {
      'corch-orchestrator': [
        'POST /api/v1/tasks',
        'enqueue',
        'queued',
        'claim',
        'POST /api/v1/runs/:runId/finish',
        'run',
      ],
      'corch-worker': ['execute', 'prepare', 'claude', 'check', 'change', 'upload', 'finish'],
    };
    const found = (service: string, name: string): ReceivedSpan | undefined =>
      receiver.spans.find((span) => span.service === service && span.name === name && span.traceId === traceId);
    for (const [service, all] of Object.entries(names)) {
      for (const name of all) await waitFor(`the span ${name} of ${service}`, () => found(service, name), 30_000);
    }
    const worker = (name: string) => found('corch-worker', name);
    expect(worker('execute')).toMatchObject({
      parentSpanId: found('corch-orchestrator', 'enqueue')?.spanId,
      attributes: { 'corch.run_id': runId, 'corch.task_id': task.id, 'corch.outcome': 'succeeded' },
    });
    for (const name of ['prepare', 'claude', 'check', 'change', 'upload', 'finish']) {
      expect([name, worker(name)?.parentSpanId]).toEqual([name, worker('execute')?.spanId]);
    }
    expect(worker('claude')?.attributes).toMatchObject({
      'corch.outcome': 'succeeded',
      'process.exit.code': 0,
      'corch.cost_usd': Number(currentRun.cost?.amount),
    });
    expect(worker('check')?.attributes).toMatchObject({ 'corch.step': 'is it done', 'process.exit.code': 0 });
    expect(found('corch-orchestrator', 'POST /api/v1/runs/:runId/finish')?.parentSpanId).toBe(worker('finish')?.spanId);

    const ofRun = { 'corch.run_id': runId, 'corch.task_id': task.id };
    await waitFor(
      'Claude’s metrics',
      () => receiver.metrics.some(({ name }) => name === 'claude_code.cost.usage'),
      30_000,
    );
    await waitFor('Claude’s events', () => receiver.logs.some(({ name }) => name.includes('api_request')), 30_000);
    for (const { resource } of [...receiver.metrics, ...receiver.logs]) expect(resource).toMatchObject(ofRun);
    const own = receiver.spans.filter(({ service }) => service === 'claude-code');
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(own.map((span) => span.traceId))).toEqual(new Set([traceId]));
    for (const { path, headers } of receiver.requests.filter(
      ({ path }) => path !== '/v1/traces' && path.startsWith('/v1/'),
    ))
      expect([path, headers['x-token']]).toEqual([path, 'of-claude']);

    const seen = await stack.client.readBlob({ params: { runId, name: 'artifact/seen.env' } });
    expect(Buffer.from(seen).toString()).not.toContain(secrets.header);
    for (const secret of Object.values(secrets)) expect(receiver.text).not.toContain(secret);
  });

  it('the log lines of both programs say the run, the request and the trace', async () => {
    const task = await submit({ executor: 'command', command: ['true'] });
    const { currentRun } = await stack.until(task.id, ['succeeded'], 60_000);
    const [worker] = stack.workers;
    if (worker === undefined) throw new Error('there is no worker');
    const lineOf = (program: Program, message: string) =>
      linesOf(program).find((line) => line.message === message && line['runId'] === currentRun.id);
    await waitFor('the last line of the worker', () => lineOf(worker, 'run ended'));
    expect(lineOf(stack.orchestrator, 'task submitted')).toMatchObject({ requestId: 'asked-by-a-test', traceId });
    expect(lineOf(stack.orchestrator, 'run ended')).toMatchObject({
      requestId: expect.stringMatching(/^req_/),
      traceId,
    });
    for (const message of ['run started', 'run ended']) expect(lineOf(worker, message)).toMatchObject({ traceId });
  });

  it('a request that fails unexpectedly is reported with its id, and without what it held', async () => {
    const database = new Libsql(join(stack.data, 'corch.sqlite'));
    database.exec('ALTER TABLE views RENAME TO views_gone');
    try {
      const headers = { authorization: `Bearer ${stack.adminKey}`, 'x-request-id': 'breaks', 'x-note': secrets.prompt };
      const answer = await fetch(`${stack.url}/api/v1/views?note=cheese`, { headers });
      expect(answer.status).toBe(500);
    } finally {
      database.exec('ALTER TABLE views_gone RENAME TO views');
      database.close();
    }
    const event = await waitFor('the report', () =>
      receiver.events.find(({ tags }) => tags?.['requestId'] === 'breaks'),
    );
    expect(event).toMatchObject({ tags: { service: 'corch-orchestrator', sentence: 'request failed' } });
    for (const secret of [secrets.prompt, stack.adminKey, 'cheese'])
      expect(JSON.stringify(event)).not.toContain(secret);
  });

  it.each(['orchestrator', 'worker'] as const)('a crash of the %s is reported before it ends', async (which) => {
    const { token } = await stack.client.createEnrolment();
    const env = { ...receiver.variables, SENTRY_DSN: receiver.dsn, PORT: '0', WORKER_URL: stack.url };
    const own = { DATA_DIR: join(stack.folder, `crash-${which}`), WORKER_ENROL_TOKEN: token, WORKER_MIN_FREE_MB: '0' };
    const args = which === 'worker' ? ['start'] : [];
    const program = stack.run(mains[which], args, { ...env, ...own }, { nodeArgs: breakable });
    await program.ready();
    program.kill('SIGUSR2');
    expect((await program.ended).code).toBe(1);
    const event = receiver.events.findLast(({ tags }) => tags?.['service'] === `corch-${which}`);
    expect(event?.tags?.['sentence']).toBe('an error was thrown and nobody caught it');
    expect(event?.exception?.values?.at(-1)?.value).toBe('nobody foresaw it');
    expect(linesOf(program).at(-1)).toMatchObject({ level: 'error', message: event?.tags?.['sentence'] });
  });
});

describe('a receiver that never answers', () => {
  it('holds neither a run up nor the end of a program', async () => {
    const receiver = await Receiver.start();
    receiver.answer = null;
    const env = { ...receiver.variables, SENTRY_DSN: receiver.dsn };
    const stack = await startStack({ workers: 0, env });
    try {
      const worker = await stack.startWorker({ env });
      const task = await stack.submit({ executor: 'command', command: ['true'] });
      await stack.until(task.id, ['succeeded'], 60_000);
      await waitFor('spans that wait', () => receiver.requests.length > 0);
      expect((await worker.stop()).code).toBe(0);
      expect((await stack.orchestrator.stop()).code).toBe(0);
    } finally {
      await stack.stop();
      await receiver.close();
    }
  });
});
