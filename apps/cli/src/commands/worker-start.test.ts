import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.js';
import { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { FakeTerminal } from '../testing/fake-terminal.js';
import { credentials, redisVariables } from './worker-start.js';

const nowhere = '/nonexistent/corch';

function contextWith(environment: Record<string, string>): Context {
  const config = readConfig({ XDG_CONFIG_HOME: nowhere, ...environment }, nowhere, '/usr/bin/corch');
  const flags = { color: false, server: 'http://192.0.2.1:4870' };
  return new Context(new FakeTerminal(), { ...config, dataDir: nowhere }, flags);
}

describe('the credentials of worker start', () => {
  it.each<[Record<string, string>, Record<string, string>]>([
    [{ WORKER_ENROL_TOKEN: 'corch_enrol_x' }, {}],
    [{ WORKER_TOKEN_FILE: '/token' }, {}],
    [{ CORCH_TOKEN: 'corch_enrol_x' }, { WORKER_ENROL_TOKEN: 'corch_enrol_x' }],
    [{ CORCH_TOKEN: 'corch_worker_x', WORKER_ENROL_TOKEN: 'corch_enrol_y' }, { WORKER_TOKEN: 'corch_worker_x' }],
  ])('with %j adds %j', async (environment, added) => {
    expect(await credentials(contextWith(environment), nowhere)).toEqual(added);
  });

  it.each<Record<string, string>>([{}, { WORKER_ENROL_TOKEN: '' }])(
    'with %j says what is missing',
    async (environment) => {
      const refused = credentials(contextWith(environment), nowhere);
      await expect(refused).rejects.toMatchObject({ exitCode: exitCodes.auth });
    },
  );
});

it('hands the address of Redis on where no list of processes shows it', () => {
  const before = process.title;
  expect(redisVariables({ redisUrl: 'redis://:secret@host', redisPrefix: 'p' })).toEqual({
    WORKER_REDIS_URL: 'redis://:secret@host',
    WORKER_REDIS_PREFIX: 'p',
  });
  expect(process.title).toBe('corch');
  process.title = before;
  expect(redisVariables({})).toEqual({});
});
