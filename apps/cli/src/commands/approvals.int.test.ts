import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Approval } from '@corch/contract';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { at, makeApproval, makeTask } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
let open: Approval[];
beforeEach(async () => {
  server = await TestServer.start();
  open = [];
  server.handlers['listApprovals'] = () => ({ body: { data: open, hasMore: false, nextCursor: null } });
  server.handlers['decideApproval'] = ({ params, body }) => {
    const { action } = body as { action: string };
    const status = action === 'allow' ? 'allowed' : action === 'deny' ? 'denied' : 'answered';
    return { body: { ...open.find(({ id }) => id === params['approvalId']), status } };
  };
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const body = () => server.received.findLast(({ route }) => route === 'decideApproval')?.body;

function ask(given: Partial<Approval> = {}): Approval {
  const approval = makeApproval(given);
  open.push(approval);
  return approval;
}

const question = () =>
  ask({
    kind: 'question',
    toolName: 'AskUserQuestion',
    input: {
      questions: [
        { question: 'Which colour?', options: [{ label: 'Red', description: 'As now' }, { label: 'Blue' }] },
        { question: 'Which sizes?', multiSelect: true, options: [{ label: 'S' }, { label: 'M' }, { label: 'L' }] },
      ],
    },
  });

describe('inbox', () => {
  it('lists what waits, for people with the lines that decide it', async () => {
    const first = ask({ reason: 'This command needs approval' });
    const second = question();
    const { stdout } = await call(['inbox'], { isTTY: true });
    expect(stdout).toContain('command: npm test');
    expect(stdout).toContain('why it is asked: This command needs approval');
    expect(stdout).toContain(`corch approve ${first.id.slice(-6)}     corch deny ${first.id.slice(-6)} -m "…"`);
    expect(stdout).toContain('1  Red: As now');
    expect(stdout).toContain(`corch answer ${second.id.slice(-6)} 1 1`);
  });

  it('lists rows in a pipe, ids with -q, and one document with --json', async () => {
    const { id, taskId } = ask();
    expect((await call(['inbox'])).stdout).toBe(`${id}\t${at(0)}\t${taskId}\tBash npm test\n`);
    expect((await call(['inbox', '-q'])).stdout).toBe(`${id}\n`);
    expect(JSON.parse((await call(['inbox', '--json'])).stdout)).toEqual(open);
    expect(server.received.at(-1)?.query.get('status')).toBe('open');
  });
});

describe('decisions', () => {
  it('allow once, for the run, and with another input', async () => {
    const { id, taskId } = ask();
    expect((await call(['approve', id.slice(-5)])).stdout).toBe(`${id}\tallowed\n`);
    expect(body()).toEqual({ action: 'allow', scope: 'once' });
    const { stderr } = await call(['approve', taskId.slice(-6), '--for-run']);
    expect(body()).toEqual({ action: 'allow', scope: 'run' });
    expect(stderr).toContain('every later Bash call like `npm test *`');
    const file = join(tmpdir(), `corch-input-${process.pid}.json`);
    writeFileSync(file, '{"command":"npm test -- a"}');
    await call(['approve', id.slice(-6), '--input', file]);
    expect(body()).toEqual({ action: 'allow', scope: 'once', input: { command: 'npm test -- a' } });
    writeFileSync(file, '[1]');
    expect(await call(['approve', id.slice(-6), '--input', file])).toMatchObject({ code: exitCodes.invalid });
  });

  it('deny with a reason, and stop the turn', async () => {
    const { id } = ask();
    await call(['deny', id.slice(-6), '-m', 'Not on a Friday', '--interrupt']);
    expect(body()).toEqual({ action: 'deny', message: 'Not on a Friday', interrupt: true });
    expect((await call(['deny', id.slice(-6), '-m', ' '])).code).toBe(exitCodes.usage);
    await call(['deny', id.slice(-6)]);
    expect(body()).toEqual({ action: 'deny', interrupt: false });
  });

  it('answer each question, by number or in words', async () => {
    const { id } = question();
    await call(['answer', id.slice(-6), '2', '1,3']);
    expect(body()).toEqual({ action: 'answer', answers: { 'Which colour?': 'Blue', 'Which sizes?': 'S, L' } });
    await call(['answer', id.slice(-6), 'Green, please', 'S']);
    expect(body()).toMatchObject({ answers: { 'Which colour?': 'Green, please', 'Which sizes?': 'S' } });
    const { code, stderr } = await call(['answer', id.slice(-6), '2']);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toMatch(/2 answers are needed[^]*1 {2}Red: As now/);
    const permission = ask();
    expect((await call(['answer', permission.id.slice(-6), '1'])).code).toBe(exitCodes.invalid);
  });

  it('say who was first', async () => {
    const { id } = ask();
    server.handlers['decideApproval'] = () => problem('approval_decided', { detail: 'bob denied it: no.' });
    const { code, stderr } = await call(['approve', id.slice(-6)]);
    expect(code).toBe(exitCodes.invalid);
    expect(stderr).toContain('bob denied it: no.');
  });

  it('say when nothing of the kind is open', async () => {
    expect((await call(['approve', 'zzzzzz'])).code).toBe(exitCodes.notFound);
    const task = server.addTask(makeTask());
    expect((await call(['approve', task.id.slice(-6)])).stderr).toContain('waits for no decision');
  });
});
