import { describe, expect, it } from '@jest/globals';
import { ReportApproval } from '@corch/contract';
import { Redactor } from '../redact.js';
import { reportOf, responseOf, type Permission } from './permission-report.js';

const redactor = new Redactor(['sk-secret-0123456789']);
const ask = (input: Permission['request']['input'], more: object = {}): Permission => ({
  type: 'permission',
  requestId: 'r',
  toolName: 'Bash',
  toolUseId: 't',
  request: { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: 't', input, ...more },
});
const place = { epoch: 1, cwd: '/work', plan: null };
const report = (input: Permission['request']['input'], more: object = {}) =>
  reportOf(ask(input, more), place, redactor);

describe('what is told of a request', () => {
  it('is what the orchestrator takes, with the reasons that Claude Code gives', () => {
    const more = { decision_reason: 'not trusted', blocked_path: '/etc', permission_suggestions: [{ type: 'x' }] };
    const told = report({ command: 'ls', description: 'List' }, { ...more, description: 'List' });
    expect(ReportApproval.parse(told)).toEqual(told);
    expect(told).toMatchObject({ reason: 'not trusted', blockedPath: '/etc', description: 'List', inputCut: false });
  });

  it('holds no secret, in the input or its hash', () => {
    const told = report({ command: 'curl -H sk-secret-0123456789' });
    expect(told.input).toEqual({ command: 'curl -H ••••' });
    expect(told.inputHash).toBe(report({ command: 'curl -H ••••' }).inputHash);
  });

  it('has one hash for what is the same call, in other words or another order', () => {
    const { inputHash } = report({ command: 'ls', timeout: 1, description: 'List' });
    expect(report({ timeout: 1, description: 'Look', command: 'ls' }).inputHash).toBe(inputHash);
    expect(report({ timeout: 2, command: 'ls' }).inputHash).not.toBe(inputHash);
    const plan = (text: string) => reportOf(ask({}), { ...place, plan: text }, redactor).inputHash;
    expect(plan('one')).not.toBe(plan('two'));
  });

  it('is cut when it is large, and its hash is not', () => {
    const [one, two] = ['1', '2'].map((end) => report({ file_path: '/a', content: 'x'.repeat(300_000) + end }));
    expect(one).toMatchObject({ inputCut: true, input: { file_path: '/a', content: 'x'.repeat(20_000) } });
    expect(one?.inputHash).not.toBe(two?.inputHash);
    const many = report({ lines: Array.from({ length: 2000 }, () => 'y'.repeat(1000)) });
    expect(many).toMatchObject({ inputCut: true, input: { leftOut: expect.stringContaining('bytes') } });
    expect(ReportApproval.safeParse(many).success).toBe(true);
  });
});

describe('a decision for Claude Code', () => {
  const asked = ask({ command: 'ls', questions: [] }, { permission_suggestions: [{ type: 'addRules' }] });
  it.each([
    [
      { action: 'allow', scope: 'run' },
      { behavior: 'allow', updatedInput: asked.request.input },
    ],
    [
      { action: 'allow', scope: 'once', input: { command: 'pwd' } },
      { behavior: 'allow', updatedInput: { command: 'pwd' } },
    ],
    [
      { action: 'deny', interrupt: true, message: 'No.' },
      { behavior: 'deny', message: 'No.', interrupt: true },
    ],
    [
      { action: 'answer', answers: { a: 'b' } },
      { behavior: 'allow', updatedInput: { ...asked.request.input, answers: { a: 'b' } } },
    ],
  ] as const)('%j', (decision, response) => expect(responseOf(asked, decision)).toEqual(response));

  it('says something when nobody gave a reason', () => {
    expect(responseOf(asked, { action: 'deny', interrupt: false })).toMatchObject({
      message: expect.stringContaining('does not want this'),
    });
  });
});
