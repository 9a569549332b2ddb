import { describe, expect, it } from '@jest/globals';
import { isDemoOn, labelsOf, obstacle, type Taker } from './claim-rules.js';

const able: Taker = {
  host: 'machine-1',
  os: 'darwin',
  arch: 'arm64',
  labels: ['gpu', 'team=a'],
  allowCommands: true,
  login: { kind: 'api_key', label: null },
  claude: { path: 'claude', version: '2.1.330', problem: null },
};
const claude = { executor: 'claude' as const, demo: false, requirements: [] };
const command = { executor: 'command' as const, demo: false, requirements: [] };
const noLogin: Taker = { ...able, login: { kind: 'none', label: null } };
const demoOnly: Taker = { ...able, login: { kind: 'demo', label: null } };
const noClaude: Taker = { ...able, claude: { path: 'claude', version: null, problem: 'It is missing.' } };

describe('labelsOf', () => {
  it('adds what every worker carries, in words that do not depend on Node', () => {
    expect([...labelsOf(able)]).toEqual(['gpu', 'team=a', 'host=machine-1', 'os=mac', 'arch=arm64']);
    expect(labelsOf({ ...able, os: 'win32' })).toContain('os=windows');
    expect(labelsOf({ ...able, os: 'linux' })).toContain('os=linux');
  });
});

describe('obstacle', () => {
  it.each([
    ['an able worker takes Claude', able, claude, null],
    ['an able worker takes commands', able, command, null],
    [
      'all requirements must be met',
      able,
      { ...claude, requirements: ['gpu', 'big', 'team=b'] },
      { kind: 'requirements', unmet: ['big', 'team=b'] },
    ],
    ['met requirements do not matter', able, { ...claude, requirements: ['gpu', 'os=mac'] }, null],
    ['commands need to be allowed', { ...able, allowCommands: false }, command, { kind: 'commands_off' }],
    ['commands need no login', noLogin, command, null],
    ['commands need no Claude Code', noClaude, command, null],
    ['Claude needs a login', noLogin, claude, { kind: 'no_login' }],
    ['the scripted model needs none', noLogin, { ...claude, demo: true }, null],
    ['the scripted model is a login of its own', demoOnly, claude, null],
    ['Claude needs a Claude Code that works', noClaude, claude, { kind: 'claude', problem: 'It is missing.' }],
    ['so does the scripted model', noClaude, { ...claude, demo: true }, { kind: 'claude', problem: 'It is missing.' }],
  ])('%s', (_, worker, run, expected) => {
    expect(obstacle(worker, run)).toEqual(expected);
  });
});

describe('isDemoOn', () => {
  it('is what the task asked for, or all that the worker has', () => {
    expect(isDemoOn(able, claude)).toBe(false);
    expect(isDemoOn(able, { ...claude, demo: true })).toBe(true);
    expect(isDemoOn(demoOnly, claude)).toBe(true);
    expect(isDemoOn(demoOnly, command)).toBe(false);
  });
});
