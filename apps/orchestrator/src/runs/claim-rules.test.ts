import { describe, expect, it } from '@jest/globals';
import { version } from '@corch/contract';
import { outdatedText } from '../workers/outdated-text.js';
import { isDemoOn, isHeld, labelsOf, needsLogin, obstacle } from './claim-rules.js';
import type { Claimable, Obstacle, Taker } from './claim-rules.js';

const able: Taker = {
  version,
  host: 'machine-1',
  os: 'darwin',
  arch: 'arm64',
  labels: ['gpu', 'team=a'],
  allowCommands: true,
  canDeliver: true,
  login: { kind: 'api_key', label: null },
  claude: { path: 'claude', version: '2.1.330', problem: null },
  mode: 'active',
  trouble: null,
  loginHold: null,
};
const misfit = outdatedText({ version: '99.0.0' }) ?? '';
const now = 1_000_000;
const hold = { kind: 'usage_limit' as const, message: null, since: 1, until: now + 1, probe: null };
const held: Taker = { ...able, loginHold: hold };
const claude = { executor: 'claude' as const, demo: false, requirements: [] };
const command = { executor: 'command' as const, demo: false, requirements: [] };
const deliver = { executor: 'deliver' as const, demo: false, requirements: [] };
const noLogin: Taker = { ...able, login: { kind: 'none', label: null } };
const demoOnly: Taker = { ...able, login: { kind: 'demo', label: null } };
const noClaude: Taker = { ...able, claude: { path: 'claude', version: null, problem: 'It is missing.' } };

describe('labelsOf', () => {
  it('adds what every worker carries, in words that do not depend on Node', () => {
    expect([...labelsOf(able)]).toEqual(['gpu', 'team=a', 'host=machine-1', 'os=mac', 'arch=arm64', 'commands']);
    expect(labelsOf({ ...able, os: 'win32' })).toContain('os=windows');
    expect(labelsOf({ ...able, os: 'linux' })).toContain('os=linux');
    expect(labelsOf({ ...able, allowCommands: false })).not.toContain('commands');
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
    ['delivering needs a worker that can', { ...able, canDeliver: false }, deliver, { kind: 'delivery_off' }],
    ['commands need to be allowed', { ...able, allowCommands: false }, command, { kind: 'commands_off' }],
    ['delivering needs neither login nor Claude Code', { ...noLogin, claude: noClaude.claude }, deliver, null],
    ['commands need no login', noLogin, command, null],
    [
      'so do the commands around Claude',
      { ...able, allowCommands: false },
      { ...claude, requirements: ['gpu', 'commands'] },
      { kind: 'commands_off' },
    ],
    ['which are run where they are allowed', able, { ...claude, requirements: ['commands'] }, null],
    ['commands need no Claude Code', noClaude, command, null],
    ['Claude needs a login', noLogin, claude, { kind: 'no_login' }],
    ['the scripted model needs none', noLogin, { ...claude, demo: true }, null],
    ['the scripted model is a login of its own', demoOnly, claude, null],
    ['Claude needs a Claude Code that works', noClaude, claude, { kind: 'claude', problem: 'It is missing.' }],
    ['so does the scripted model', noClaude, { ...claude, demo: true }, { kind: 'claude', problem: 'It is missing.' }],
    ['a paused worker takes nothing', { ...able, mode: 'paused' }, command, { kind: 'mode', mode: 'paused' }],
    ['nor does one in trouble', { ...able, trouble: 'Disk.' }, command, { kind: 'trouble', trouble: 'Disk.' }],
    ['nor does one of another time', { ...able, version: '99.0.0' }, command, { kind: 'trouble', trouble: misfit }],
    ['a login on hold is not used', held, claude, { kind: 'login_hold', hold }],
    ['what needs no login goes on', held, command, null],
    ['nor does the scripted model mind', held, { ...claude, demo: true }, null],
    ['when its time is over a login may be tried', { ...able, loginHold: { ...hold, until: now } }, claude, null],
  ] as [string, Taker, Claimable, Obstacle | null][])('%s', (_, worker, run, expected) => {
    expect(obstacle(worker, run, now)).toEqual(expected);
  });
});

describe('isHeld', () => {
  it('lasts until its time is over and, from then on, while one run tries', () => {
    expect([now, now + 1, now + 2].map((at) => isHeld(hold, at))).toEqual([true, false, false]);
    expect(isHeld({ ...hold, probe: { runId: 'run_a', epoch: 1 } }, now + 2)).toBe(true);
  });

  it('lasts until somebody mends it when no time is known', () => {
    expect(isHeld({ ...hold, until: null }, Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(isHeld(null, now)).toBe(false);
  });
});

describe('needsLogin', () => {
  it('is true of what talks to Claude itself', () => {
    expect(needsLogin(able, claude)).toBe(true);
    expect([
      needsLogin(able, command),
      needsLogin(able, { ...claude, demo: true }),
      needsLogin(demoOnly, claude),
    ]).toEqual([false, false, false]);
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
