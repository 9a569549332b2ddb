import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

let folder: string;
let started: { child: ChildProcess; output: () => string }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corch-scripts-'));
  started = [];
});
afterEach(async () => {
  for (const { child } of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = once(child, 'close');
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await closed;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `npm run <script>` of a package, in a process group of its own, with nothing of the caller's settings. */
function run(
  script: string,
  args: string[] = [],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) {
  const child = spawn('npm', ['run', '-s', script, '--', ...args], {
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', NO_COLOR: '1', ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const program = { child, output: () => text };
  started.push(program);
  return program;
}
const ended = async ({ child, output }: ReturnType<typeof run>) => {
  if (child.exitCode === null) await once(child, 'close');
  return { code: child.exitCode, output: output() };
};
const times = (text: string, part: string) => text.split(part).length - 1;

describe('the scripts of a developer', () => {
  it('dev of the orchestrator starts from source and starts again when a file changes', async () => {
    const cwd = join(root, 'apps/orchestrator');
    const dev = run('dev', [], { cwd, env: { PORT: '0', DATA_DIR: join(folder, 'data') } });
    const ready = '"url":"http://127.0.0.1:';
    await waitFor('the first start', () => dev.output().includes(ready));
    const file = join(cwd, 'src/main.ts');
    const { atime, mtime } = statSync(file);
    try {
      let touchedAt = 0;
      await waitFor('the second start', () => {
        // Again from time to time: the watcher may not have been there yet. Seldom: each change ends the start under way,
        // and a start from source takes longer than 5 s on a busy machine.
        if (Date.now() - touchedAt > 30_000) utimesSync(file, new Date(), new Date((touchedAt = Date.now())));
        return times(dev.output(), ready) >= 2;
      });
    } finally {
      utimesSync(file, atime, mtime);
    }
  });

  it('dev of the worker starts from source and says what it misses', async () => {
    const dev = run('dev', ['start', '--url', 'http://127.0.0.1:1', '--dir', join(folder, 'w')], {
      cwd: join(root, 'apps/worker'),
    });
    await waitFor('the worker to speak', () => /token/i.test(dev.output()));
  });

  it('dev of the CLI runs it from source', async () => {
    const dev = run('dev', ['version'], { cwd: join(root, 'apps/cli') });
    const { version } = JSON.parse(readFileSync(join(root, 'apps/cli/package.json'), 'utf8')) as { version: string };
    await waitFor('the version', () => dev.output().includes(version));
  });

  it('dev of the dashboard serves it from source', async () => {
    const dev = run('dev', ['--port', '0', '--host', '127.0.0.1'], { cwd: join(root, 'apps/dashboard') });
    const url = await waitFor('the address', () => /http:\/\/127\.0\.0\.1:\d+\//.exec(dev.output())?.[0]);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('/src/main.tsx');
  });

  it('node dist/main.js alone starts the orchestrator', async () => {
    const start = run('start', [], {
      cwd: join(root, 'apps/orchestrator'),
      env: { PORT: '0', DATA_DIR: join(folder, 'data') },
    });
    await waitFor('the address', () => start.output().includes('http://127.0.0.1:'));
  });

  it('test:unit, test:int, test:e2e, test:cov and test of a package run what is named', async () => {
    const where = 'packages/contract/src/client/retry';
    const runs = [
      run('test:unit', [where]),
      run('test:cov', [where, '--coverageDirectory', join(folder, 'coverage')]),
      run('test:int', ['packages/contract', '-t', 'names the type of a body']),
      run('test:e2e', ['documents', '-t', 'lockfile']),
    ];
    for (const each of runs)
      expect(await ended(each)).toMatchObject({ code: 0, output: expect.stringMatching(/Tests:.* \d+ passed/) });
    expect(runs[1]?.output()).toContain('retry.ts');
    const ofPackage = await ended(run('test', ['-t', 'exit code'], { cwd: join(root, 'apps/cli') }));
    expect(ofPackage).toMatchObject({ code: 0, output: expect.stringContaining('passed') });
  });

  it('test:watch stays and runs again', async () => {
    const watch = run('test:watch', ['packages/contract/src/client/retry', '--watchAll']);
    await waitFor('the first run', () => /Ran all test suites/.test(watch.output()));
    expect(watch.child.exitCode).toBeNull();
  });

  it('build has nothing to do when nothing changed', async () => {
    expect(await ended(run('build'))).toMatchObject({ code: 0 });
  });
});
