import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { Environment, readConfig } from './config.js';
import { StartError } from './common/start-error.js';

function refusal(env: Record<string, string>, argv: string[] = []): StartError {
  try {
    readConfig(env, argv);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('readConfig', () => {
  it('needs nothing, and listens on this machine only', () => {
    const config = readConfig({}, []);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4870,
      insecureHttp: false,
      heartbeatMs: 10_000,
      checkAnswers: false,
    });
    expect(config.databaseUrl).toBe(`sqlite:${config.dataDir}/corch.sqlite`);
  });

  it('treats an empty variable as absent, so that .env.example can list all of them', () => {
    expect(readConfig({ PUBLIC_URL: '', PORT: '' }, []).port).toBe(4870);
  });

  it('names every variable that is wrong in one sentence', () => {
    const error = refusal({ PORT: '70000', LEASE_MS: 'soon', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud' });
    expect(error.code).toBe('bad_config');
    for (const name of ['PORT', 'LEASE_MS', 'DATABASE_URL', 'LOG_LEVEL']) expect(error.message).toContain(name);
  });

  it('makes relative database files absolute and leaves PostgreSQL alone', () => {
    expect(readConfig({ DATABASE_URL: 'sqlite:/var/x.sqlite' }, []).databaseUrl).toBe('sqlite:/var/x.sqlite');
    expect(readConfig({ DATABASE_URL: 'sqlite:///var/x.sqlite' }, []).databaseUrl).toBe('sqlite:/var/x.sqlite');
    expect(readConfig({ DATABASE_URL: 'sqlite:x.sqlite' }, []).databaseUrl).toBe(`sqlite:${process.cwd()}/x.sqlite`);
    expect(readConfig({ DATABASE_URL: 'postgres://u@h/d' }, []).databaseUrl).toBe('postgres://u@h/d');
  });

  it('refuses to listen beyond this machine in the clear, with the line to use', () => {
    const error = refusal({ HOST: '0.0.0.0', PORT: '5000' });
    expect(error.hint).toContain('HOST=0.0.0.0 PORT=5000 PUBLIC_URL=https://');
    expect(error.hint).toContain('HOST=0.0.0.0 PORT=5000 INSECURE_HTTP=1');
  });

  it.each([
    { HOST: '0.0.0.0', PUBLIC_URL: 'https://corch.example.org' },
    { HOST: '0.0.0.0', INSECURE_HTTP: '1' },
    { HOST: '::1' },
    { HOST: 'localhost' },
    { HOST: '127.0.0.5', PUBLIC_URL: 'http://localhost:9000' },
  ])('accepts %j', (env) => {
    expect(readConfig(env, []).host).toBe(env.HOST);
  });

  it('refuses a PUBLIC_URL without https, unless that was asked for', () => {
    const env = { HOST: '0.0.0.0', PUBLIC_URL: 'http://corch.example.org' };
    expect(refusal(env).hint).toContain('PUBLIC_URL=https://corch.example.org');
    expect(readConfig(env, ['--insecure-http']).publicUrl).toBe('http://corch.example.org');
  });

  it('takes only an origin as PUBLIC_URL', () => {
    expect(readConfig({ PUBLIC_URL: 'https://Corch.example.org:443/' }, []).publicUrl).toBe(
      'https://corch.example.org',
    );
    for (const url of ['https://a.org/path', 'https://user@a.org', 'ftp://a.org', 'a.org']) {
      expect(refusal({ PUBLIC_URL: url }).message).toContain('PUBLIC_URL');
    }
  });

  it('reads which migrations to undo', () => {
    expect(readConfig({}, ['--undo-migrations', 'CreateTasks1']).undoMigrations).toBe('CreateTasks1');
    expect(readConfig({}, []).undoMigrations).toBeUndefined();
  });

  it('names an argument that it does not know', () => {
    expect(refusal({}, ['--prot', '1']).message).toContain('--prot');
  });

  it('takes race points in tests only', () => {
    expect(refusal({ CORCH_RACE_POINTS: '/tmp/points' }).message).toContain('CORCH_RACE_POINTS');
    expect(readConfig({ CORCH_RACE_POINTS: '/tmp/points', NODE_ENV: 'test' }, []).racePoints).toBe('/tmp/points');
    expect(readConfig({}, []).racePoints).toBeUndefined();
  });

  it('has every variable in .env.example, and no other', async () => {
    const example = await readFile(new URL('../../../.env.example', import.meta.url), 'utf8');
    const listed = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(Object.keys(Environment.shape).toSorted());
  });

  it('says in .env.example the defaults that it has', async () => {
    const example = await readFile(new URL('../../../.env.example', import.meta.url), 'utf8');
    const env: Record<string, string | undefined> = Object.fromEntries(
      [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value]) => [name, value] as const),
    );
    expect(readConfig(env, [])).toEqual(readConfig({}, []));
  });
});
