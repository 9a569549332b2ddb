// The worker as a whole: how it signs in, what it does when the orchestrator or itself goes away, and the program.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { processesOf, until } from './testing/processes.js';
import { startProgram, type WorkerProgram } from './testing/program.js';
import { makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;
const children: ChildProcess[] = [];

beforeEach(async () => {
  stack = await startStack();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stack.close();
});

/** A program that does nothing but answer `--version`. */
function fakeClaude(version: string): string {
  const file = join(stack.base, `claude-${version}`);
  writeFileSync(file, `#!/bin/sh\necho "${version} (Claude Code)"\n`, { mode: 0o755 });
  return file;
}

describe('signing in', () => {
  it('enrols once and keeps the token', async () => {
    const { orchestrator } = stack;
    const enrol = { WORKER_TOKEN: undefined, WORKER_ENROL_TOKEN: orchestrator.enrolToken };
    await (await stack.startWorker(enrol)).stop();
    const file = join(stack.base, 'worker', 'worker.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      url: orchestrator.url,
      token: orchestrator.workerToken,
    });
    await (await stack.startWorker({ WORKER_TOKEN: undefined })).stop();
    expect(orchestrator.registrations).toHaveLength(2);
  });

  it('enrols again when the orchestrator forgot it, and says so when it cannot', async () => {
    const { orchestrator } = stack;
    await (await stack.startWorker({ WORKER_TOKEN: undefined, WORKER_ENROL_TOKEN: orchestrator.enrolToken })).stop();
    orchestrator.workerToken = 'corch_worker_another';
    const again = stack.startWorker({ WORKER_TOKEN: undefined });
    await expect(again).rejects.toMatchObject({
      code: 'not_authenticated',
      hint: expect.stringContaining('--enrol-token-file'),
    });
    orchestrator.enrolToken = 'corch_enrol_another';
    await stack.startWorker({ WORKER_TOKEN: undefined, WORKER_ENROL_TOKEN: 'corch_enrol_another' });
  });

  it.each([
    [{}, 'not_authenticated'],
    [{ WORKER_ENROL_TOKEN: 'corch_enrol_wrong' }, 'not_authenticated'],
    [{ WORKER_DIR: '/dev/null/worker' }, 'dir_not_writable'],
  ])('with %j ends with %s', async (over, code) => {
    await expect(stack.startWorker({ WORKER_TOKEN: undefined, ...over })).rejects.toMatchObject({ code });
  });

  it('ends when its token stops working', async () => {
    const worker = await stack.startWorker();
    stack.orchestrator.workerToken = 'corch_worker_another';
    expect(await worker.ended).toMatchObject({
      reason: 'refused',
      message: expect.stringContaining('refused the token'),
    });
  });

  it('ends when it is removed, with everything it runs', async () => {
    const worker = await stack.startWorker();
    const run = stack.orchestrator.submit({ prompt: '[[scenario:hang-stream]]' });
    await stack.orchestrator.event(run, 'session');
    stack.orchestrator.control({ type: 'removed' });
    expect(await worker.ended).toEqual({ reason: 'removed' });
    expect(await processesOf(run.claimed.runId)).toEqual([]);
  });

  it('lets no second worker into its folder', async () => {
    await stack.startWorker();
    await expect(stack.startWorker()).rejects.toMatchObject({ code: 'dir_in_use' });
  });
});

describe('what it says of itself', () => {
  it('names Claude Code, the login and what it allows', async () => {
    await stack.startWorker({ WORKER_LABELS: 'gpu,os=linux' });
    expect(stack.orchestrator.registrations[0]).toMatchObject({
      name: 'test-worker',
      disk: { freeBytes: expect.any(Number), totalBytes: expect.any(Number) },
      claude: { version: '2.1.330', problem: null },
      login: { kind: 'api_key', label: 'ANTHROPIC_API_KEY' },
      allowCommands: true,
      capacity: 4,
      pools: ['default'],
      labels: ['gpu', 'os=linux'],
      held: [],
    });
  });

  it('refuses a Claude Code that is too old, and runs commands', async () => {
    await stack.startWorker({ CLAUDE_BIN: fakeClaude('2.0.1') });
    const { claude } = stack.orchestrator.registrations[0] ?? {};
    expect(claude).toMatchObject({ version: '2.0.1', problem: expect.stringContaining('too old') });
    const run = stack.orchestrator.submit({ executor: 'command', command: ['true'] });
    expect((await stack.orchestrator.finished(run)).finish.exit.outcome).toBe('succeeded');
    const task = stack.orchestrator.submit({ prompt: 'x' });
    expect((await stack.orchestrator.finished(task)).finish.exit.outcome).toBe('spawn_failed');
  });

  it('sees a login that is stored while it runs, and uses the real home without its hooks', async () => {
    await stack.startWorker({ ANTHROPIC_API_KEY: undefined });
    expect(stack.orchestrator.registrations[0]?.login.kind).toBe('none');
    const folder = join(stack.base, 'home', '.claude');
    mkdirSync(folder);
    const expiresAt = Date.now() + 3_600_000;
    const oauth = {
      accessToken: 'sk-ant-oat01-fake',
      refreshToken: 'sk-ant-ort01-fake',
      expiresAt,
      scopes: ['user:inference'],
    };
    const hook = { hooks: [{ type: 'command', command: `touch ${stack.base}/hook-ran` }] };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ hooks: { SessionStart: [hook] } }));
    writeFileSync(join(folder, '.credentials.json'), JSON.stringify({ claudeAiOauth: oauth }), { mode: 0o600 });
    await stack.orchestrator.until(() => stack.orchestrator.heartbeats.at(-1)?.login?.kind === 'stored');
    const run = stack.orchestrator.submit({ prompt: '[[scenario:edits]]' });
    expect((await stack.orchestrator.finished(run)).finish.exit).toMatchObject({ outcome: 'succeeded' });
    expect(existsSync(join(stack.base, 'hook-ran'))).toBe(false);
    expect(readdirSync(join(folder, 'projects'))).toHaveLength(1);
    expect(readdirSync(join(stack.base, 'worker', 'homes'))).toEqual([]);
  });

  it('without a login ends a Claude run with the line that signs in', async () => {
    await stack.startWorker({ ANTHROPIC_API_KEY: undefined });
    const run = stack.orchestrator.submit({ prompt: '[[scenario:edits]]' });
    expect((await stack.orchestrator.finished(run)).finish.exit).toMatchObject({ outcome: 'not_logged_in', code: 1 });
  });

  it('in demo looks at no login and works on the scripted model', async () => {
    await stack.startWorker({ WORKER_DEMO: '1', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' });
    expect(stack.orchestrator.registrations[0]?.login.kind).toBe('demo');
    const run = stack.orchestrator.submit({ prompt: 'Anything.' }, { demo: true });
    const { finish } = await stack.orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.stat).toMatchObject({ files: 1 });
    expect(stack.model.requests).toEqual([]);
  });
});

describe('what the repository brings', () => {
  it('is told as instructions, and neither its hooks nor its settings nor its MCP servers run', async () => {
    const seen = await recordRequests(stack.model.url);
    const hook = { hooks: [{ type: 'command', command: 'touch hook-ran.txt' }] };
    const path = makeRepository(join(stack.base, 'repositories', 'hostile'), {
      'CLAUDE.md': 'Say the word heliotrope.\n',
      '.claude/settings.json': JSON.stringify({ hooks: { SessionStart: [hook], Stop: [hook] } }),
      '.mcp.json': JSON.stringify({ mcpServers: { x: { command: 'touch', args: ['mcp-ran.txt'] } } }),
    });
    await stack.startWorker({ ANTHROPIC_BASE_URL: seen.url });
    stack.model.setScripts({ plain: [{ text: 'Hello.' }] });
    const run = stack.orchestrator.submit({
      prompt: 'Go. [[scenario:plain]]',
      systemPrompt: 'Never say xanadu.',
      repository: { path },
    });
    const { finish } = await stack.orchestrator.finished(run);
    seen.close();
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.stat?.files).toBe(0);
    expect(seen.bodies.some((body) => body.includes('heliotrope') && body.includes('xanadu'))).toBe(true);
  });
});

/** Passes requests on to the model and keeps their bodies. */
async function recordRequests(model: string): Promise<{ url: string; bodies: string[]; close: () => void }> {
  const bodies: string[] = [];
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      bodies.push(body);
      const onward = request(model + (req.url ?? ''), { method: req.method, headers: req.headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(res);
      });
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, close };
}

describe('trouble on the way', () => {
  it('goes on without the orchestrator and delivers when it is back', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    const path = makeRepository(join(stack.base, 'repositories', 'shop'));
    const run = orchestrator.submit({ prompt: '[[scenario:edits]]', repository: { path } });
    await orchestrator.event(run, 'prompt');
    orchestrator.isAway = true;
    const completion = join(stack.base, 'worker', 'runs', run.claimed.runId, 'completion.json');
    await until(() => existsSync(completion));
    expect(run.finish).toBeUndefined();
    orchestrator.isAway = false;
    const { finish, events, blobs } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(finish.lastN).toBe(events.length);
    expect(eventsOf(run, 'exit')).toHaveLength(1);
    expect(blobs.has('patch.diff')).toBe(true);
  });

  it('tells where the work is before it tells the end', async () => {
    const { orchestrator } = stack;
    await stack.startWorker();
    orchestrator.portal = (path) => path.endsWith('/start');
    const path = makeRepository(join(stack.base, 'repositories', 'shop'));
    const run = orchestrator.submit({ executor: 'command', command: ['true'], repository: { path } });
    await orchestrator.event(run, 'exit');
    const seen = orchestrator.refusedCalls;
    await until(() => orchestrator.refusedCalls > seen);
    expect(run.finish).toBeUndefined();
    orchestrator.portal = () => false;
    await orchestrator.finished(run);
    expect(run.start).toMatchObject({ branch: run.claimed.branch, baseCommit: expect.any(String) });
  });

  it('asks again with the same claim when the answer was lost', async () => {
    const { orchestrator } = stack;
    orchestrator.loseClaims = 1;
    await stack.startWorker();
    const run = orchestrator.submit({ executor: 'command', command: ['true'] });
    await orchestrator.finished(run);
    const ids = orchestrator.claims.map((claim) => claim.claimId);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    expect(run.finishCalls).toBe(1);
  });

  it('delivers a completion that an earlier process left', async () => {
    const { orchestrator } = stack;
    const first = await stack.startWorker();
    const run = orchestrator.submit({ executor: 'command', command: ['echo', 'hello'] });
    await orchestrator.event(run, 'note');
    orchestrator.isAway = true;
    const folder = join(stack.base, 'worker', 'runs', run.claimed.runId);
    await until(() => existsSync(join(folder, 'completion.json')));
    await first.stop();
    orchestrator.isAway = false;
    await stack.startWorker();
    const { finish, events } = await orchestrator.finished(run);
    expect(finish.exit.outcome).toBe('succeeded');
    expect(events.map((event) => event.type)).toEqual(['note', 'output', 'change', 'exit']);
    await until(() => !existsSync(folder));
  });

  it('drops what the orchestrator gave to somebody else meanwhile', async () => {
    const { orchestrator } = stack;
    const first = await stack.startWorker();
    const run = orchestrator.submit({ prompt: '[[scenario:hang-stream]]' });
    await orchestrator.event(run, 'session');
    await first.stop();
    run.stale = true;
    await stack.startWorker();
    expect(readdirSync(join(stack.base, 'worker', 'runs'))).toEqual([]);
    expect(run.finish).toBeUndefined();
  });
});

/** What Claude Code has written down of a session. */
function sessionText(sessionId: string): string {
  const home = join(stack.base, 'worker', 'homes', sessionId);
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(home, name), 'utf8'))
    .join('');
}

describe('the program', () => {
  function start(over: Record<string, string> = {}): WorkerProgram {
    const program = startProgram({ ...stack.environment, ...over });
    children.push(program.child);
    return program;
  }

  it('tells its parent that it is ready and stops when asked', async () => {
    const { child, message, exit } = start();
    expect(await message).toMatchObject({
      type: 'ready',
      name: 'test-worker',
      login: { kind: 'api_key' },
      capacity: 4,
    });
    child.send({ type: 'stop' });
    expect(await exit).toBe(0);
  });

  it('ends with another code when its settings are wrong, which a service manager must not try again', async () => {
    const { message, exit } = start({ WORKER_LABELS: 'a b' });
    expect(await message).toMatchObject({
      type: 'failed',
      code: 'bad_config',
      message: expect.stringContaining('LABELS'),
    });
    expect(await exit).toBe(2);
  });

  it('tells its parent why it cannot start', async () => {
    const { message, exit } = start({ WORKER_TOKEN: 'corch_worker_wrong' });
    expect(await message).toMatchObject({ type: 'failed', code: 'not_authenticated' });
    expect(await exit).toBe(4);
  });

  it('stops when its parent is gone', async () => {
    const { child, message, exit } = start();
    await message;
    child.disconnect();
    expect(await exit).toBe(0);
  });

  it('killed in the middle of a turn, ends what is left and goes on in the same session', async () => {
    const { orchestrator } = stack;
    const wait = { name: 'Bash', input: { command: 'echo begun; setsid sleep 600; echo never', description: 'Wait' } };
    stack.model.setScripts({ long: [{ text: 'First.', tools: [wait] }, { text: 'All done.' }] });
    const { child, message, exit } = start();
    await message;
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:long]]' });
    await orchestrator.event(run, 'tool_use');
    // Claude Code says a thing before it writes it down; killed in between it would do the turn again.
    await until(() => sessionText(run.claimed.sessionId).includes('echo begun'));
    child.kill('SIGKILL');
    await exit;
    // Claude Code does not notice that its parent died; the keeper does, before the worker is back.
    await until(async () => (await processesOf(run.claimed.runId)).length === 0);

    await start().message;
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'succeeded', code: 0 });
    expect(finish.result?.text).toBe('All done.');
    expect(await processesOf(run.claimed.runId)).toEqual([]);
    const texts = eventsOf(run, 'text').map((event) => event.text);
    expect(texts.filter((said) => said === 'First.')).toHaveLength(1);
    expect(new Set(eventsOf(run, 'session').map((event) => event.sessionId))).toEqual(new Set([run.claimed.sessionId]));
    expect(finish.lastN).toBe(run.events.length);
  });

  it('killed, takes over the end of a turn that it had not read any more', async () => {
    const { orchestrator } = stack;
    stack.model.setScripts({ soon: [{ text: 'Done meanwhile.', chunkMs: 300 }] });
    const { child, message, exit } = start();
    await message;
    const run = orchestrator.submit({ prompt: 'Go. [[scenario:soon]]' });
    await orchestrator.event(run, 'session');
    child.kill('SIGSTOP');
    const stdout = join(stack.base, 'worker', 'runs', run.claimed.runId, 'stdout.log');
    await until(() => readFileSync(stdout, 'utf8').includes('"type":"result"'));
    child.kill('SIGKILL');
    await exit;

    await start().message;
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'succeeded', code: null });
    expect(finish.result?.text).toBe('Done meanwhile.');
    expect(eventsOf(run, 'session')).toHaveLength(1);
  });

  it('killed while a command ran, says that its end is not known', async () => {
    const { orchestrator } = stack;
    const { child, message, exit } = start();
    await message;
    const run = orchestrator.submit({ executor: 'command', command: ['sh', '-c', 'echo one; sleep 600'] });
    await orchestrator.event(run, 'output');
    child.kill('SIGKILL');
    await exit;
    await start().message;
    const { finish } = await orchestrator.finished(run);
    expect(finish.exit).toMatchObject({ outcome: 'worker_died', message: expect.stringContaining('restarted') });
    expect(eventsOf(run, 'output')).toHaveLength(1);
    expect(await processesOf(run.claimed.runId)).toEqual([]);
  });
});
