import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultLostAfterSeconds } from './lost-after.js';
import { hostName, readConfig, variableNames } from './config.js';

describe('readConfig', () => {
  it('has defaults for everything but the token', () => {
    expect(readConfig({}, { HOME: '/home/me', WORKER_NAME: '' })).toMatchObject({
      url: 'http://127.0.0.1:4870',
      token: undefined,
      dir: resolve('data/worker'),
      pools: ['default'],
      labels: [],
      concurrency: 2,
      allow: [],
      allowRepositories: [],
      allowCommands: false,
      demo: false,
      lostAfterMs: defaultLostAfterSeconds() * 1000,
      claudeMaxRetries: 5,
      containment: 'auto',
    });
  });

  it('prefers flags to variables', () => {
    const environment = {
      WORKER_URL: 'http://a:1/',
      WORKER_POOLS: 'x, y',
      WORKER_ALLOW_COMMANDS: '1',
      DATA_DIR: '/data',
    };
    expect(readConfig({}, environment)).toMatchObject({
      url: 'http://a:1',
      pools: ['x', 'y'],
      allowCommands: true,
      dir: '/data/worker',
    });
    const flags = { url: 'https://b', pool: ['z'], allowCommands: false, lostAfter: '9', label: ['os=mac', 'gpu'] };
    expect(readConfig(flags, environment)).toMatchObject({
      url: 'https://b',
      pools: ['z'],
      allowCommands: false,
      lostAfterMs: 9000,
      labels: ['os=mac', 'gpu'],
    });
  });

  it('names every wrong value at once', () => {
    const wrong = { WORKER_URL: 'ftp://x', WORKER_CONCURRENCY: '0', WORKER_NAME: 'a b' };
    expect(() => readConfig({ lostAfter: 'soon' }, wrong)).toThrow(
      /WORKER_URL.*WORKER_NAME.*WORKER_CONCURRENCY.*WORKER_LOST_AFTER_SECONDS/,
    );
  });

  it('reads tokens from files; a file named by a flag beats the variable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'corch-config-'));
    const file = join(folder, 'token');
    writeFileSync(file, ' corch_worker_x\n');
    expect(readConfig({ tokenFile: file }, { WORKER_TOKEN: 'other' }).token).toBe('corch_worker_x');
    expect(readConfig({}, { WORKER_ENROL_TOKEN_FILE: file }).enrolToken).toBe('corch_worker_x');
    expect(readConfig({}, { WORKER_TOKEN: 'other', WORKER_TOKEN_FILE: file }).token).toBe('other');
    expect(() => readConfig({ tokenFile: join(folder, 'none') }, {})).toThrow(/cannot be read/);
    rmSync(folder, { recursive: true });
  });
});

describe('race points', () => {
  it('are taken in tests only', () => {
    const racePoints = '/tmp/points';
    expect(() => readConfig({}, { CORCH_RACE_POINTS: racePoints })).toThrow(/CORCH_RACE_POINTS/);
    expect(readConfig({}, { CORCH_RACE_POINTS: racePoints, NODE_ENV: 'test' })).toMatchObject({ racePoints });
    expect(readConfig({}, {}).racePoints).toBeUndefined();
  });
});

describe('.env.example', () => {
  it('has every variable and no other, and its values are the defaults', () => {
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    const listed = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const);
    expect(listed.map(([name]) => name).sort()).toEqual([...variableNames].sort());
    const { environment: _, ...example } = readConfig({}, Object.fromEntries(listed));
    expect(readConfig({}, {})).toMatchObject(example);
  });
});

describe('hostName', () => {
  it.each([
    ['my-mac.local', 'my-mac.local'],
    ['-odd host!', 'odd-host-'],
    ['', 'worker'],
  ])('%j becomes %j', (host, name) => expect(hostName(host)).toBe(name));
});
