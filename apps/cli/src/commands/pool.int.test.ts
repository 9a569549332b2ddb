import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EditPool, Pool, Settings } from '@corch/contract';
import { exitCodes } from '../exit-codes.js';
import { corch, type CorchOptions } from '../testing/corch.js';
import { problem, TestServer } from '../testing/test-server.js';

let server: TestServer;
let gpu: Pool;
beforeEach(async () => {
  server = await TestServer.start();
  const unlimited = { concurrency: null, lostAfterCapSeconds: null };
  const idle: Pool = { ...unlimited, name: 'default', paused: false, queued: 0, running: 0, workersOnline: 1 };
  gpu = { ...idle, name: 'gpu', paused: true, concurrency: 2, lostAfterCapSeconds: 5400, queued: 7, running: 3 };
  server.handlers['listPools'] = () => ({ body: { data: [idle, gpu] } });
  server.handlers['editPool'] = ({ params, body }) => {
    if (params['name'] !== 'gpu') return problem('pool_not_found');
    return { body: { ...gpu, ...(body as EditPool) } };
  };
});
afterEach(() => server.stop());

const call = (args: string[], options: CorchOptions = {}) =>
  corch(args, { ...options, env: { CORCH_SERVER: server.url, CORCH_TOKEN: 'corch_test' } });
const body = () => server.received.at(-1)?.body;

describe('pool ls', () => {
  it('shows each pool with its limits', async () => {
    const { stdout } = await call(['pool', 'ls']);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'default\tactive\t0\t0\tnone\tnone\t1',
      'gpu\tpaused\t7\t3\t2\t1h30m\t1',
    ]);
    const screen = (await call(['pool', 'ls', '--no-color'], { isTTY: true })).stdout;
    expect(screen).toMatch(/NAME +STATE +QUEUED +RUNNING +AT MOST +LOST AFTER +WORKERS/);
    expect((await call(['pool', 'ls', '-q'])).stdout).toBe('default\ngpu\n');
    expect(JSON.parse((await call(['pool', 'ls', '--json'])).stdout)).toMatchObject([
      { name: 'default' },
      { name: 'gpu' },
    ]);
  });
});

describe('pool wanted', () => {
  const one = {
    ...{ pool: 'gpu', paused: false, queued: 7, running: 3, startable: 5, workersOnline: 1, freeSlots: 1 },
    ...{ workerSize: 2, wanted: 4, missing: 2 },
  };
  beforeEach(() => {
    server.handlers['listWantedWorkers'] = ({ query }) =>
      query.get('pool') === 'cpu' ? problem('pool_not_found') : { body: { data: [one] } };
  });

  it('says what each pool could use', async () => {
    expect((await call(['pool', 'wanted'])).stdout).toBe('gpu\t7\t5\t3\t1\t1\t2\t4\t2\n');
    const screen = (await call(['pool', 'wanted', '--no-color'], { isTTY: true })).stdout;
    expect(screen).toMatch(/POOL +IN LINE +COULD START +RUNNING +FREE +WORKERS +SIZE +WANTED +MISSING/);
    expect(JSON.parse((await call(['pool', 'wanted', '--json'])).stdout)).toEqual([one]);
  });

  it('says of one pool alone how many are missing, for a script', async () => {
    expect((await call(['pool', 'wanted', 'gpu', '--size', '2', '-q'])).stdout).toBe('2\n');
    expect([...(server.received.at(-1)?.query ?? [])]).toEqual([
      ['pool', 'gpu'],
      ['size', '2'],
    ]);
    expect((await call(['pool', 'wanted', 'cpu'])).code).toBe(exitCodes.notFound);
    expect((await call(['pool', 'wanted', '--size', '0'])).code).toBe(exitCodes.usage);
  });
});

describe('pool set', () => {
  it.each([
    [['--concurrency', '4'], { concurrency: 4 }],
    [['--concurrency', 'none', '--lost-after-cap', '2m'], { concurrency: null, lostAfterCapSeconds: 120 }],
    [['--lost-after-cap', 'none'], { lostAfterCapSeconds: null }],
  ])('%j', async (flags, expected) => {
    expect((await call(['pool', 'set', 'gpu', ...flags])).code).toBe(exitCodes.ok);
    expect(body()).toEqual(expected);
  });

  it('says how the pool is set now, and that a lower limit ends nothing', async () => {
    const { stdout, stderr } = await call(['pool', 'set', 'gpu', '--concurrency', '1']);
    expect(stdout).toBe('gpu\tpaused\t1\t1h30m\n');
    expect(stderr).toContain('3 runs work there and go on');
    const screen = await call(['pool', 'set', 'gpu', '--concurrency', 'none'], { isTTY: true });
    expect(screen.stdout).toBe('paused  gpu  any number at once, workers away for at most 1h30m\n');
    expect(screen.stderr).toBe('');
  });

  it.each([
    [['gpu', '--concurrency', '0'], '1 to 100000'],
    [['gpu', '--concurrency', 'few'], 'or none'],
    [['gpu', '--lost-after-cap', '2'], '30m'],
    [['gpu'], 'Nothing to set'],
    [[], 'pool'],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await call(['pool', 'set', ...args]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain(words);
    expect(server.received).toEqual([]);
  });

  it('says where pools are listed when there is none of this name', async () => {
    const { code, stderr } = await call(['pool', 'set', 'cpu', '--concurrency', '1']);
    expect(code).toBe(exitCodes.notFound);
    expect(stderr).toContain('corch pool ls');
  });
});

describe('pool pause and resume', () => {
  it('say what goes on and how to end it', async () => {
    const { stdout, stderr } = await call(['pool', 'pause', 'gpu']);
    expect([stdout, body()]).toEqual(['gpu\tpaused\t2\t1h30m\n', { paused: true }]);
    expect(stderr).toMatch(/Nothing new starts; 3 runs there go on\.[^]*corch pool resume gpu/);
    expect((await call(['pool', 'resume', 'gpu'])).stderr).toContain('7 runs in line');
    expect(body()).toEqual({ paused: false });
  });
});

describe('settings', () => {
  const settings: Settings = {
    ...{ maxRunning: null, keepTasksDays: 90, keepTranscriptsDays: 14, maxStoredMb: 20_000, approvalWaitSeconds: 600 },
  };
  const kept = 'keep-tasks\t90d\nkeep-transcripts\t14d\nmax-stored\t20GB\napproval-wait\t10m\n';
  beforeEach(() => {
    server.handlers['readSettings'] = () => ({ body: settings });
    server.handlers['editSettings'] = (request) => ({ body: { ...settings, ...(request.body as Partial<Settings>) } });
  });

  it('are shown with the flags that change them', async () => {
    expect((await call(['settings', 'show'])).stdout).toBe(`max-running\tnone\n${kept}`);
    expect(JSON.parse((await call(['settings', 'show', '--json'])).stdout)).toEqual(settings);
  });

  it('are changed one by one', async () => {
    expect((await call(['settings', 'set', '--max-running', '8'])).stdout).toBe(`max-running\t8\n${kept}`);
    expect(body()).toEqual({ maxRunning: 8 });
    await call(['settings', 'set', '--keep-tasks', '2w', '--max-running', 'none']);
    expect(body()).toEqual({ maxRunning: null, keepTasksDays: 14 });
    await call(['settings', 'set', '--keep-tasks', 'none']);
    expect(body()).toEqual({ keepTasksDays: null });
    await call(['settings', 'set', '--keep-transcripts', '14d', '--max-stored', '1.5 TB']);
    expect(body()).toEqual({ keepTranscriptsDays: 14, maxStoredMb: 1_500_000 });
    await call(['settings', 'set', '--keep-transcripts', 'none', '--max-stored', 'none']);
    expect(body()).toEqual({ keepTranscriptsDays: null, maxStoredMb: null });
    await call(['settings', 'set', '--approval-wait', '30m']);
    expect(body()).toEqual({ approvalWaitSeconds: 1800 });
  });

  it.each([
    [['--keep-tasks', '12h'], '90d'],
    [['--keep-tasks', '0d'], '90d'],
    [['--keep-transcripts', '36h'], '90d'],
    [['--max-stored', '20'], '20GB'],
    [['--max-stored', '0.4MB'], '20GB'],
    [['--max-running', '-1'], '1 to 100000'],
    [[], 'Nothing to set'],
  ])('refuse %j', async (flags, words) => {
    const { code, stderr } = await call(['settings', 'set', ...flags]);
    expect([code, server.received]).toEqual([exitCodes.usage, []]);
    expect(stderr).toContain(words);
  });
});
