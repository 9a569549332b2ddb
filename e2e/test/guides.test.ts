// The commands of the guides, as they stand there, on folders of the test's own.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/test/free-port.mjs';
import { startCaddy, type LocalCaddy } from '../../scripts/test/reverse-proxy.mjs';
import { commandsOf } from '../src/guide.js';
import { ServiceManager } from '../src/service-manager.js';
import { fastProfile, mains, root, Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

const run = promisify(execFile);

describe('one machine', () => {
  const stack = new Stack();
  const folder = join(stack.folder, 'root');
  let services: ServiceManager;
  let caddy: LocalCaddy | undefined;
  let port: number;
  let publicPort: number;
  /** Only addresses are other ones, and the folder that stands for `/`. */
  const adapt = (text: string) =>
    text
      .replaceAll('/opt/claude-orchestrator', root.replace(/\/$/, ''))
      .replaceAll(/(?<![\w.])\/(etc|var)\//g, `${folder}/$1/`)
      .replaceAll('127.0.0.1:4870', `127.0.0.1:${port}`)
      .replace('DOMAIN=corch.example.com', `DOMAIN=localhost:${publicPort}`);

  beforeAll(async () => {
    [port, publicPort] = [await freePort(), await freePort()];
    for (const path of ['etc/caddy', 'etc/systemd/system', 'var/lib'])
      mkdirSync(join(folder, path), { recursive: true });
    const others = {
      caddy: async () => {
        caddy = await startCaddy(adapt(readFileSync(join(folder, 'etc/caddy/Caddyfile'), 'utf8')));
      },
    };
    const env = { ...fastProfile, PORT: String(port), WORKER_MIN_FREE_MB: '0' };
    services = new ServiceManager(stack, { folder, adapt, env, others });
  });
  afterAll(async () => {
    services.close();
    await caddy?.stop();
    await stack.stop();
  });

  it('is set up, works, is backed up and restored by what the page says', async () => {
    const commands = commandsOf('one-machine.md').map(adapt);
    expect(commands.length).toBeGreaterThan(6);
    const env = { ...stack.cleanEnv, PATH: `${services.bin}:${process.env.PATH ?? ''}` };
    const script = ['set -eux', ...commands].join('\n');
    const { stdout, stderr } = await run('sh', ['-c', script], { env }).catch((error: { stderr: string }) => {
      throw new Error(`${error.stderr}\n${String(services.failure)}`);
    });
    expect(stdout + stderr).toContain('one-machine');
    expect(services.asked).toEqual([
      'daemon-reload',
      'enable --now corch-orchestrator',
      'reload caddy',
      'enable --now corch-worker',
      'enable --now corch-backup.timer',
      'start corch-backup',
      'stop corch-orchestrator',
      'start corch-orchestrator',
    ]);

    // By the name, through Caddy, after the restore: the task of before is there.
    const through = {
      CORCH_SERVER: `https://localhost:${publicPort}`,
      CORCH_CA_FILE: caddy?.authority ?? '',
      CORCH_TOKEN_FILE: join(folder, 'var/lib/corch/admin.key'),
    };
    const corch = (args: string[]) => stack.run(mains.cli, args, through).ended;
    const listed = await waitFor('an answer through Caddy', async () => {
      const answer = await corch(['ls', '--json']);
      return answer.code === 0 ? answer.stdout : undefined;
    });
    expect(listed).toContain('Say hello');
    const doctor = await corch(['doctor', '--json']);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; ok: boolean }[] };
    expect(checks.find(({ name }) => name === 'stream')).toMatchObject({ ok: true });
  });
});
