// The files of deploy/, run for real by the programs that they are for.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCertificates } from '@corch/transport/testing';
import { freePort } from '../../scripts/test/free-port.mjs';
import { startReverseProxy } from '../../scripts/test/reverse-proxy.mjs';
import { systemProgram } from '../../scripts/test/system-packages.mjs';
import type { Program } from '../src/program.js';
import { root, startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const run = promisify(execFile);
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { TRUSTED_PROXY: '127.0.0.1' } });
});
afterAll(() => stack.stop());

describe.each(['nginx', 'caddy'] as const)('behind %s', (kind) => {
  it('everything works: streams arrive at once, large files pass, and a worker works through it', async () => {
    const { authority, ...certificates } = await makeCertificates('localhost');
    const proxy = await startReverseProxy(kind, stack.url, certificates);
    let worker: Program | undefined;
    try {
      const caFile = join(stack.folder, `${kind}.pem`);
      writeFileSync(caFile, authority);
      const through = { CORCH_SERVER: proxy.url, CORCH_CA_FILE: caFile };
      const doctor = await stack.corch(['doctor', '--json'], through);
      const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
      expect(checks.find(({ name }) => name === 'stream')).toMatchObject({ ok: true });

      worker = await stack.startWorker({
        url: proxy.url,
        env: { CORCH_CA_FILE: caFile },
        args: ['--name', kind, '--label', kind],
      });
      // 3 MB that no proxy can shrink, printed and changed: lines, patch and bundle go through it.
      const command = ['sh', '-c', 'head -c 3000000 /dev/urandom > big.bin && echo done'];
      const task = await stack.corch(
        ['run', '-w', '-R', stack.repository(`behind-${kind}`), '--require', kind, '--', ...command],
        through,
      );
      expect(task).toMatchObject({ code: 0 });
      expect(task.stdout + task.stderr).toContain('done');
    } finally {
      await worker?.stop();
      await proxy.stop();
    }
  });
});

describe('the files for Prometheus', () => {
  const monitoring = join(root, 'deploy/monitoring');

  it('are right, and every series that an alert or a panel asks for exists', async () => {
    const promtool = await systemProgram('promtool', 'prometheus', 'PROMTOOL');
    await run(promtool, ['check', 'rules', join(monitoring, 'alerts.yml')]);
    await run(promtool, ['test', 'rules', join(monitoring, 'alerts.test.yml')]);
    await run(promtool, ['check', 'config', '--syntax-only', join(monitoring, 'prometheus.yml')]);
    const { key } = await stack.client.createKey({ body: { name: 'prometheus', scope: 'read' } });
    const answer = await fetch(`${stack.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    const metrics = await answer.text();
    const judged = spawnSync(promtool, ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
    expect(judged.stderr.split('\n').filter((line) => line.startsWith('corch_'))).toEqual([]);

    const asked = ['alerts.yml', 'grafana-dashboard.json'].flatMap((file) => [
      ...readFileSync(join(monitoring, file), 'utf8').matchAll(/\b(?:corch|nodejs|process)_\w+/g),
    ]);
    const names = new Set(asked.map(([name]) => name.replace(/_bucket$/, '')));
    expect(names.size).toBeGreaterThan(12);
    // A rule that no test makes fire may never do so.
    const file = (name: string) => readFileSync(join(monitoring, name), 'utf8');
    const alerts = [...file('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(alerts.filter((name) => !file('alerts.test.yml').includes(`alertname="${name}"`))).toEqual([]);
    expect([...names].filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
  });
});

describe('the images', () => {
  /** The content of an image, made by the script that its Dockerfile calls. */
  const pack = async (program: 'orchestrator' | 'worker') => {
    const folder = join(stack.folder, `packed-${program}`);
    const env = { ...process.env, HOME: homedir() };
    await run('node', [join(root, 'deploy/docker/pack.mjs'), program, folder], { cwd: stack.folder, env });
    return folder;
  };
  const node = (file: string, args: string[], env: Record<string, string>) =>
    run('node', [file, ...args], { env: { ...stack.cleanEnv, ...env } });

  it('hold all that the programs need, and say whether they are well', async () => {
    const [orchestrator, worker] = [await pack('orchestrator'), await pack('worker')];
    const port = await freePort();
    const data = join(stack.folder, 'image-data');
    const own = {
      PORT: String(port),
      DATA_DIR: data,
      DASHBOARD_DIR: join(orchestrator, 'dashboard'),
      HEARTBEAT_MS: '200',
    };
    const url = String((await stack.run(join(orchestrator, 'dist/main.js'), [], own).ready()).url);
    await node(join(orchestrator, 'healthy.mjs'), [], { PORT: String(port) });
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<div id="root">');

    const token = join(stack.folder, 'image-token');
    await node(join(orchestrator, 'enrol.mjs'), [token], { WORKER_URL: url, ADMIN_KEY_FILE: join(data, 'admin.key') });
    const variables = {
      ...{ WORKER_URL: url, WORKER_ENROL_TOKEN_FILE: token, WORKER_NAME: 'image', WORKER_DEMO: '1' },
      ...{ WORKER_DIR: join(stack.folder, 'image-worker'), WORKER_MIN_FREE_MB: '0' },
    };
    await stack.run(join(worker, 'dist/main.js'), ['start'], variables).ready();
    const key = { CORCH_SERVER: url, CORCH_TOKEN_FILE: join(data, 'admin.key') };
    expect(await stack.corch(['run', '-w', '--demo', 'Say hello'], key)).toMatchObject({ code: 0 });
    await node(join(worker, 'healthy.mjs'), [], variables);
    const unwell = node(join(worker, 'healthy.mjs'), [], { WORKER_DIR: join(stack.folder, 'nowhere') });
    await expect(unwell).rejects.toMatchObject({ code: 1 });
    // How long a silence may be follows from the intervals of the orchestrator.
    const silent = join(stack.folder, 'silent-worker');
    mkdirSync(silent);
    const fiveMinutesAgo = Date.now() / 1000 - 300;
    for (const [pauseMs, isWell] of [
      [20_000, false],
      [200_000, true],
    ] as const) {
      writeFileSync(join(silent, 'last-heartbeat'), `${pauseMs}\n`);
      utimesSync(join(silent, 'last-heartbeat'), fiveMinutesAgo, fiveMinutesAgo);
      const asked = node(join(worker, 'healthy.mjs'), [], { WORKER_DIR: silent }).then(
        () => true,
        () => false,
      );
      expect({ pauseMs, isWell: await asked }).toEqual({ pauseMs, isWell });
    }
  });

  it('and the compose file are written as their tools want them', async () => {
    for (const name of ['orchestrator', 'worker', 'lambda']) {
      await run('npx', ['--yes', 'dockerfile-utils@0.16.3', 'lint', join(root, `deploy/docker/${name}.Dockerfile`)]);
    }
    await run('npx', ['--yes', 'dclint@3.1.0', '--quiet', join(root, 'deploy/compose.yaml')]);
  });

  it('get from the compose file only variables that they read, those of telemetry among them', () => {
    const text = (file: string) => readFileSync(join(root, file), 'utf8');
    const namesIn = (part: string) => [...part.matchAll(/^ +([A-Z][A-Z_]+):/gm)].map(([, name = '']) => name);
    const [head = '', body = ''] = text('deploy/compose.yaml').split(/^services:$/m);
    const services = body.split(/^ {2}(?=[a-z]+:\n)/m);
    const telemetry = namesIn(head);
    expect(telemetry).toEqual(expect.arrayContaining(['OTEL_EXPORTER_OTLP_ENDPOINT', 'SENTRY_DSN']));
    for (const [service, example] of [
      ['orchestrator', '.env.example'],
      ['worker', 'apps/worker/.env.example'],
    ] as const) {
      const part = services.find((one) => one.startsWith(`${service}:`)) ?? '';
      expect(part).toContain('<<: *telemetry');
      const names = [...telemetry, ...namesIn(part)];
      expect(names.length).toBeGreaterThan(12);
      expect(names.filter((name) => !text(example).includes(name))).toEqual([]);
    }
  });
});

describe('the units of systemd', () => {
  const units = readdirSync(join(root, 'deploy/systemd'));

  /** What `systemd-analyze` finds wrong in copies of the units, by their names. What it needs is said first. */
  async function wrong(folder: string, change: (unit: string) => string): Promise<string[]> {
    const analyse = await systemProgram('systemd-analyze', 'systemd', 'SYSTEMD_ANALYZE');
    mkdirSync(folder);
    for (const name of units)
      writeFileSync(join(folder, name), change(readFileSync(join(root, 'deploy/systemd', name), 'utf8')));
    const files = units.map((name) => join(folder, name));
    const answer = await run(analyse, ['verify', '--man=no', ...files]).catch((error: { stderr?: string }) => error);
    const lines = (answer.stderr ?? '').split('\n').filter((line) => line.includes('corch-'));
    // The checkout and the users are those of the machine that it runs on.
    return lines.filter((line) => !/not executable|No such file|does not exist|Unknown user/i.test(line));
  }

  it('are understood by it', async () => {
    expect(await wrong(join(stack.folder, 'units'), (unit) => unit)).toEqual([]);
    // And it does say what it does not understand, in each of them.
    const broken = await wrong(join(stack.folder, 'broken'), (unit) =>
      unit.replace(/^\[(Service|Timer)\]$/m, '$&\nRestrt=x'),
    );
    for (const name of units) {
      expect(broken).toContainEqual(expect.stringMatching(new RegExp(`${name}.*Unknown key.*Restrt`)));
    }
  });
});

describe('under PM2', () => {
  // The version that was tried is the one that the guide names; it is no dependency of the product.
  const [named = ''] = /pm2@\d+\.\d+\.\d+/.exec(readFileSync(join(root, 'docs/deployment.md'), 'utf8')) ?? [];
  let home = '';
  const pm2 = (args: string[], env: Record<string, string> = {}) =>
    run('npx', ['--yes', named, ...args], {
      cwd: root,
      timeout: 120_000,
      env: { ...stack.cleanEnv, PM2_HOME: home, NO_UPDATE_NOTIFIER: '1', ...env },
    });
  afterEach(() => pm2(['kill']));

  it('a program that crashed is back, and a reload ends it in order', async () => {
    expect(named).toMatch(/^pm2@\d/);
    home = join(stack.folder, 'pm2');
    mkdirSync(home);
    const port = await freePort();
    const data = join(stack.folder, 'pm2-data');
    const file = join(stack.folder, 'orchestrator.env');
    writeFileSync(file, `PORT=${port}\nDATA_DIR=${data}\n`, { mode: 0o600 });
    const ecosystem = join(root, 'deploy/pm2/ecosystem.config.cjs');
    await pm2(['start', ecosystem, '--only', 'corch-orchestrator'], { CORCH_ENV_FILE: file });
    const health = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as { startedAt: string }).startedAt : undefined;
    };
    const first = await waitFor('the start', health);
    const pid = Number(readFileSync(join(home, 'pids', 'corch-orchestrator-0.pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    const second = await waitFor('the start after a crash', async () => {
      const now = await health();
      return now === first ? undefined : now;
    });
    await pm2(['reload', 'corch-orchestrator']);
    await waitFor('the start after a reload', async () => {
      const now = await health();
      return now === second ? undefined : now;
    });
    const log = readFileSync(join(home, 'logs', 'corch-orchestrator-error.log'), 'utf8');
    expect(log).toContain('"message":"stopped"');
    await pm2(['stop', 'corch-orchestrator']);
    expect(existsSync(join(data, 'orchestrator.lock'))).toBe(false);
  });

  it('a worker that crashed is back with its run, and a reload hands that back and takes it up again', async () => {
    home = join(stack.folder, 'pm2-worker');
    mkdirSync(home);
    const { token } = await stack.client.createEnrolment();
    const file = join(stack.folder, 'worker.env');
    const own = { WORKER_URL: stack.url, WORKER_DIR: join(stack.folder, 'worker-pm2'), WORKER_NAME: 'managed' };
    const more = { WORKER_LABELS: 'pm2', WORKER_ALLOW_COMMANDS: 'true', WORKER_MIN_FREE_MB: '0' };
    const variables = { ...own, ...more, WORKER_ENROL_TOKEN: token, WORKER_DRAIN_GRACE_SECONDS: '0' };
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    await pm2(['start', join(root, 'deploy/pm2/ecosystem.config.cjs'), '--only', 'corch-worker'], {
      WORKER_ENV_FILE: file,
    });
    const [begun, go] = [join(stack.folder, 'pm2-begun'), join(stack.folder, 'pm2-go')];
    const script = `echo x >> ${begun}; until [ -e ${go} ]; do sleep 0.1; done`;
    const { id } = await stack.submit({ executor: 'command', command: ['sh', '-c', script], requirements: ['pm2'] });
    await waitFor('the command to begin', () => existsSync(begun));
    process.kill(Number(readFileSync(join(home, 'pids', 'corch-worker-0.pid'), 'utf8')), 'SIGKILL');
    const log = () => readFileSync(join(home, 'logs', 'corch-worker-error.log'), 'utf8');
    await waitFor('the run to go on', () => log().includes('"message":"run goes on"'));
    await pm2(['reload', 'corch-worker']);
    await waitFor('the run to be taken up again', () => log().split('"message":"run claimed"').length > 2);
    writeFileSync(go, '');
    expect((await stack.until(id)).status).toBe('succeeded');
  });
});
