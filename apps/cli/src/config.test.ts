import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { orchestratorEnvironment, readConfig, variableNames, workerEnvironment, type Environment } from './config.js';
import { defaultServer, readSettings, type ServerFlags } from './connection/settings.js';

const checkout = readConfig({}, '/', 'corch').checkout ?? '';

describe('readConfig', () => {
  it.each<[string, Environment, string, string, string]>([
    ['installed', {}, '/srv', '/usr/local/bin/corch', 'corch'],
    ['by its long name', {}, '/srv', '/usr/local/bin/claude-orchestrator', 'claude-orchestrator'],
    ['by pnpm', { npm_lifecycle_event: 'corch', npm_config_user_agent: 'pnpm/12.0.0' }, '', 'main.js', 'pnpm corch'],
    [
      'by npm',
      { npm_lifecycle_event: 'start', npm_config_user_agent: 'npm/10.0.0' },
      '',
      'main.js',
      'npm run -s corch --',
    ],
    ['by node in the checkout', {}, '', 'main.js', 'node apps/cli/dist/main.js'],
  ])('knows how it is typed when it was started %s', (_, environment, cwd, program, command) => {
    expect(readConfig(environment, cwd || checkout, program).command).toBe(command);
  });

  it('names itself by its whole path outside the checkout', () => {
    expect(readConfig({}, '/srv', 'main.js').command).toBe(`node ${join(checkout, 'apps/cli/dist/main.js')}`);
  });

  it('takes the folder of the person from a package script, and from nobody else', () => {
    const script = { npm_lifecycle_event: 'corch', INIT_CWD: '/home/a/src' };
    expect(readConfig(script, checkout, 'main.js').cwd).toBe('/home/a/src');
    expect(readConfig(script, '/elsewhere', 'main.js').cwd).toBe('/elsewhere');
    expect(readConfig({ ...script, npm_lifecycle_event: 'test' }, checkout, 'main.js').cwd).toBe(checkout);
  });

  it.each<[Environment, string]>([
    [{}, 'auto'],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 'never'],
    [{ FORCE_COLOR: '1' }, 'always'],
    [{ FORCE_COLOR: '0' }, 'never'],
    [{ CLICOLOR_FORCE: '1' }, 'always'],
    [{ CLICOLOR: '0' }, 'never'],
    [{ NO_COLOR: '' }, 'auto'],
  ])('of %j makes colour %s', (environment, color) => {
    expect(readConfig(environment, '/', 'corch').color).toBe(color);
  });
});

describe('.env.example', () => {
  it('has every variable, and no other', () => {
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    expect(text.match(/^[A-Z_]+(?==)/gm)).toEqual(variableNames);
  });
});

describe('the environment of children', () => {
  const environment = {
    ...{ PATH: '/bin', LC_ALL: 'C', ANTHROPIC_API_KEY: 'k', DATABASE_URL: 'd', HEARTBEAT_MS: '200', CORCH_TOKEN: 't' },
    ...{ AWS_REGION: 'r', https_proxy: 'p', EDITOR: 'vi', NODE_OPTIONS: '--inspect', HOST: 'x86_64-conda', PORT: '1' },
  };

  it.each([
    ['orchestrator', '../../../.env.example', orchestratorEnvironment, ['HOST', 'PORT', 'DATA_DIR']],
    ['worker', '../../worker/.env.example', workerEnvironment, ['CORCH_CA_FILE', 'DATA_DIR', 'NODE_ENV']],
  ] as const)('holds everything that the %s reads, but what `up` says itself', (_, file, pick, itself) => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    // Race points are for programs that a test starts by itself.
    const names = (text.match(/^[A-Z_]+(?==)/gm) ?? []).filter((name) => name !== 'CORCH_RACE_POINTS');
    const picked = pick(Object.fromEntries(names.map((name) => [name, 'x'])));
    expect(names.filter((name) => !(name in picked))).toEqual(itself);
  });

  it('holds no login for the orchestrator, and no database for the worker', () => {
    expect(Object.keys(orchestratorEnvironment(environment))).toEqual([
      'PATH',
      'LC_ALL',
      'DATABASE_URL',
      'HEARTBEAT_MS',
    ]);
    expect(Object.keys(workerEnvironment(environment))).toEqual([
      'PATH',
      'LC_ALL',
      'ANTHROPIC_API_KEY',
      'AWS_REGION',
      'https_proxy',
    ]);
  });
});

describe('readSettings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corch-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const settings = (environment: Environment = {}, flags: ServerFlags = {}) =>
    readSettings(
      { ...readConfig({ XDG_CONFIG_HOME: folder, ...environment }, folder, 'corch'), dataDir: join(folder, 'data') },
      flags,
    );
  const known = () => {
    const keyFile = write('elsewhere/admin.key', 'corch_config\n');
    write('corch/config.json', JSON.stringify({ server: 'http://127.0.0.1:5001', keyFile }));
    write('data/admin.key', 'corch_data');
    write('data/server.json', JSON.stringify({ url: 'http://127.0.0.1:5002' }));
  };

  it('falls from flag to environment to config file to checkout to default', () => {
    expect(settings()).toMatchObject({ server: defaultServer, token: undefined });
    write('data/admin.key', 'corch_data');
    expect(settings()).toMatchObject({ server: defaultServer, token: 'corch_data' });
    write('data/server.json', JSON.stringify({ url: 'http://127.0.0.1:5002' }));
    expect(settings()).toMatchObject({ server: 'http://127.0.0.1:5002', token: 'corch_data' });
    known();
    expect(settings()).toMatchObject({ server: 'http://127.0.0.1:5001', token: 'corch_config' });
    const environment = { CORCH_SERVER: 'http://a.test/', CORCH_TOKEN: 'corch_env' };
    expect(settings(environment)).toMatchObject({
      server: 'http://a.test',
      token: 'corch_env',
      serverFrom: 'CORCH_SERVER',
    });
    const tokenFile = write('token', 'corch_flag\n');
    expect(settings(environment, { server: 'http://b.test', tokenFile })).toMatchObject({
      server: 'http://b.test',
      token: 'corch_flag',
    });
  });

  it('takes CORCH_TOKEN before CORCH_TOKEN_FILE, and a file below the folder of the person', () => {
    write('token', 'corch_file');
    expect(settings({ CORCH_TOKEN_FILE: 'token' }).token).toBe('corch_file');
    expect(settings({ CORCH_TOKEN_FILE: 'token', CORCH_TOKEN: 'corch_env' }).token).toBe('corch_env');
    expect(settings({ CORCH_TOKEN_FILE: '' }).token).toBeUndefined();
  });

  it('sends the key of one address to no other', () => {
    known();
    expect(settings({}, { server: 'https://evil.test' }).token).toBeUndefined();
    expect(settings({}, { server: 'http://127.0.0.1:5002' }).token).toBe('corch_data');
  });

  it('passes over an address whose key is gone', () => {
    known();
    write('corch/config.json', JSON.stringify({ server: 'http://127.0.0.1:5001', keyFile: join(folder, 'gone') }));
    expect(settings().server).toBe('http://127.0.0.1:5002');
    write('corch/config.json', '{ broken');
    expect(settings().server).toBe('http://127.0.0.1:5002');
  });

  it('refuses what is no address and no token file', () => {
    expect(() => settings({ CORCH_SERVER: 'localhost' })).toThrow(/CORCH_SERVER is no web address/);
    expect(() => settings({}, { tokenFile: 'none' })).toThrow(/cannot be read/);
    write('empty', '\n');
    expect(() => settings({}, { tokenFile: 'empty' })).toThrow(/is empty/);
  });
});
