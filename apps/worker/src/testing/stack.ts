// A worker in this process against a pretend orchestrator, with the real Claude Code on the scripted model.
import { startScriptedModel, testScripts, type ScriptedModel } from '@corch/scripted-model';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig, type WorkerConfig } from '../config.js';
import { createLogger } from '../logger.js';
import { Worker } from '../worker.js';
import { PretendOrchestrator } from './pretend-orchestrator.js';

export interface Stack {
  readonly base: string;
  readonly orchestrator: PretendOrchestrator;
  readonly model: ScriptedModel;
  /** In the order they were started; some may be stopped. */
  readonly workers: readonly Worker[];
  /** Variables of a worker that is signed in with a key for the scripted model. */
  readonly environment: Record<string, string>;
  /** Starts a worker on the stack's folder. `over` puts variables over the usual ones; undefined removes one. */
  startWorker(over?: Record<string, string | undefined>): Promise<Worker>;
  configOf(over?: Record<string, string | undefined>): WorkerConfig;
  /** Stops what was started and removes the folder. */
  close(): Promise<void>;
}

/** Everything on loopback and in one temporary folder. */
export async function startStack(): Promise<Stack> {
  const base = mkdtempSync(join(tmpdir(), 'corch-worker-'));
  const orchestrator = await PretendOrchestrator.start();
  const model = await startScriptedModel({ scripts: testScripts });
  const workers: Worker[] = [];
  // What a test provokes is no news; LOG_LEVEL=info shows it.
  const logger = createLogger(process.env['LOG_LEVEL'] ?? 'silent', (text) => text);
  mkdirSync(join(base, 'home'), { mode: 0o700 });
  mkdirSync(join(base, 'repositories'));
  const environment = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(base, 'home'),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'sk-test-0123456789abcdef',
    WORKER_URL: orchestrator.url,
    WORKER_TOKEN: orchestrator.workerToken,
    WORKER_DIR: join(base, 'worker'),
    WORKER_NAME: 'test-worker',
    WORKER_ALLOW: join(base, 'repositories'),
    WORKER_ALLOW_REPOSITORIES: '*',
    WORKER_ALLOW_COMMANDS: '1',
    WORKER_CONCURRENCY: '4',
    CLAUDE_MAX_RETRIES: '2',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
  };
  const configOf = (over: Record<string, string | undefined> = {}) => readConfig({}, { ...environment, ...over });
  return {
    base,
    orchestrator,
    model,
    workers,
    environment,
    configOf,
    async startWorker(over) {
      const config = configOf(over);
      const worker = new Worker(config, logger);
      await worker.start();
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await orchestrator.close();
      await model.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** A repository with one commit; returns its folder. */
export function makeRepository(
  folder: string,
  files: Readonly<Record<string, string>> = { 'README.md': '# Shop\n' },
): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  git(folder, 'init', '-q', '-b', 'main');
  commitAll(folder, 'start');
  return folder;
}

export function commitAll(folder: string, message: string): void {
  git(folder, 'add', '--all');
  git(folder, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-q', '-m', message);
}

/** Runs git in a folder, without anybody's configuration; returns what it printed. */
export function git(folder: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
}
