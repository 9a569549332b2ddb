import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Approval, ApprovalRule } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { at, makeApproval, makeId } from '../testing/make.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
let rules: ApprovalRule[];
let past: Approval[];
beforeEach(async () => {
  server = await TestServer.start();
  rules = [];
  past = [];
  server.handlers['listRules'] = ({ params }) =>
    params['repository'] === 'api' ? { body: { data: rules } } : problem('repository_not_found');
  server.handlers['addRule'] = ({ body }) => {
    const { position, ...rule } = body as Partial<ApprovalRule> & { position?: number };
    const added = makeRule(rule);
    rules.splice(position === undefined ? rules.length : position - 1, 0, added);
    return { status: 201, body: added };
  };
  server.handlers['editRule'] = ({ params, body }) => {
    const rule = rules.find(({ id }) => id === params['ruleId']);
    return rule === undefined ? problem('rule_not_found') : { body: Object.assign(rule, body) };
  };
  server.handlers['removeRule'] = () => ({ status: 204 });
  server.handlers['previewRule'] = () => ({ body: { looked: 40, fits: past.length, data: past } });
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(['rule', ...args], { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const sent = (route: string) => server.received.findLast((one) => one.route === route);

function makeRule(given: Partial<ApprovalRule> = {}): ApprovalRule {
  const rule = { tool: 'Bash', match: '**', decision: 'allow' as const, message: null };
  return { id: makeId('rule'), ...rule, createdAt: at(0), createdBy: 'admin', ...given };
}

describe('rule add', () => {
  it('sends what was said and nothing else, and tells the place', async () => {
    rules.push(makeRule());
    const { code, stdout } = await call(['add', 'api', 'allow', 'Bash', 'npm *']);
    expect(code).toBe(exitCodes.ok);
    expect(sent('addRule')?.body).toEqual({ decision: 'allow', tool: 'Bash', match: 'npm *' });
    expect(stdout).toContain('place\t2\n');
    expect(stdout).toContain('match\tnpm *\n');
  });

  it('denies with a message, at a place', async () => {
    rules.push(makeRule());
    await call(['add', 'api', 'deny', '*', '-m', 'Not here', '--position', '1']);
    expect(sent('addRule')?.body).toEqual({ decision: 'deny', tool: '*', message: 'Not here', position: 1 });
    expect((await call(['add', 'api', 'allow', 'Edit', '-q'])).stdout).toMatch(/^rule_\w{26}\n$/);
  });

  it.each([
    [['api', 'maybe', 'Bash'], exitCodes.usage, 'allow, deny'],
    [['api', 'allow', 'Bash', 'x', '-m', 'no'], exitCodes.usage, 'for rules that deny'],
    [['api', 'allow', '2'], exitCodes.invalid, 'The tool must be'],
    [['api', 'allow', 'Bash', ' '], exitCodes.invalid, 'The match'],
    [['api', 'allow', 'Bash', 'npm', 'test'], exitCodes.usage, 'too many arguments'],
  ])('refuses %j', async (args, expected, words) => {
    const { code, stderr } = await call(['add', ...args]);
    expect(code).toBe(expected);
    expect(stderr.toLowerCase()).toContain(words.toLowerCase());
    expect(sent('addRule')).toBeUndefined();
  });
});

describe('rule ls, show, set and rm', () => {
  it('list the rules in their order', async () => {
    rules.push(makeRule({ match: 'npm *' }), makeRule({ tool: 'WebFetch', decision: 'deny', message: 'No\nweb' }));
    const [first, second] = rules.map(({ id }) => id);
    expect((await call(['ls', 'api'])).stdout).toBe(
      `1\t${first}\tallow\tBash\tnpm *\t—\n2\t${second}\tdeny\tWebFetch\t**\tNo web\n`,
    );
    expect((await call(['ls', 'api', '-q'])).stdout).toBe(`${first}\n${second}\n`);
    expect(JSON.parse((await call(['ls', 'api', '--json'])).stdout)).toEqual(rules);
    expect((await call(['ls', 'nope'])).code).toBe(exitCodes.notFound);
  });

  it('say how a first rule is made', async () => {
    const { code, stdout, stderr } = await call(['ls', 'api'], { isTTY: true });
    expect([code, stdout]).toEqual([exitCodes.ok, '']);
    expect(stderr).toContain('rule add api allow Bash');
  });

  it('take a rule by its place, its id or the end of it', async () => {
    rules.push(makeRule(), makeRule({ match: 'git push*', decision: 'deny' }));
    const second = rules[1]?.id ?? '';
    past.push(makeApproval({ status: 'allowed', input: { command: 'git push origin' } }));
    for (const text of ['2', second, second.slice(-6)]) {
      const { stdout } = await call(['show', 'api', text]);
      expect(stdout).toContain(`id\t${second}\n`);
      expect(stdout).toContain('allowed\tBash git push origin\n');
    }
    expect(sent('previewRule')?.body).toMatchObject({ match: 'git push*', decision: 'deny' });
    expect((await call(['show', 'api', '3'])).stderr).toContain('rules 1 to 2');
    expect((await call(['show', 'api', 'zzzzzz'])).code).toBe(exitCodes.notFound);
  });

  it('change a rule, or say that nothing was to be changed', async () => {
    rules.push(makeRule());
    await call(['set', 'api', '1', '--match', 'npm test', '--position', '1']);
    expect(sent('editRule')?.body).toEqual({ match: 'npm test', position: 1 });
    expect((await call(['set', 'api', '1'])).code).toBe(exitCodes.usage);
    expect((await call(['set', 'api', '1', '--tool', '!'])).code).toBe(exitCodes.invalid);
  });

  it('ask before a rule is removed', async () => {
    rules.push(makeRule());
    const id = rules[0]?.id;
    expect((await call(['rm', 'api', '1'])).code).toBe(exitCodes.needsInput);
    expect(sent('removeRule')).toBeUndefined();
    expect((await call(['rm', 'api', '1', '-y'])).stdout).toBe(`${id}\n`);
    expect(sent('removeRule')?.params).toEqual({ repository: 'api', ruleId: id });
  });
});

describe('rule preview', () => {
  it('says what a rule would have decided, without keeping it', async () => {
    past.push(makeApproval({ status: 'denied', input: { command: 'npm publish' } }));
    const { stdout } = await call(['preview', 'api', 'deny', 'Bash', 'npm publish*'], { isTTY: true });
    expect(stdout).toContain('It would have decided 1 of the last 40 requests:');
    expect(stdout).toMatch(/denied .*Bash npm publish/);
    expect(sent('addRule')).toBeUndefined();
    const { id } = past[0] ?? {};
    expect((await call(['preview', 'api', 'deny', 'Bash'])).stdout).toBe(`${id}\t${at(0)}\tdenied\tBash npm publish\n`);
    expect(JSON.parse((await call(['preview', 'api', 'deny', 'Bash', '--json'])).stdout)).toMatchObject({ looked: 40 });
  });

  it('says when nothing fits', async () => {
    const { stdout } = await call(['preview', 'api', 'allow', 'Edit'], { isTTY: true });
    expect(stdout).toBe('It would have decided 0 of the last 40 requests.\n');
  });
});
