// The real Claude Code against the scripted model: no network, no account, a HOME of its own.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampleRepository } from './sample-repository.js';
import { type ScriptedModel, startScriptedModel } from './server.js';

/** The binary that the worker depends on, in the package of this platform. */
function findClaude(): string {
  const worker = createRequire(new URL('../../../apps/worker/package.json', import.meta.url));
  const claude = createRequire(worker.resolve('@anthropic-ai/claude-code/package.json'));
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  const names = [`${platform}/claude`, `${platform}-musl/claude`, `${platform}/claude.exe`];
  for (const name of names) {
    try {
      return claude.resolve(name);
    } catch {
      continue;
    }
  }
  throw new Error(`No Claude Code for this platform (looked for ${names.join(', ')}). Run the install again.`);
}

interface Line {
  type: string;
  subtype?: string;
  [field: string]: unknown;
}

const claude = findClaude();
const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
let model: ScriptedModel;
let base: string;
let repo: string;

beforeAll(async () => {
  model = await startScriptedModel();
});
afterAll(() => model.close());
afterEach(() => rmSync(base, { recursive: true, force: true }));

function makeRepository(files: Readonly<Record<string, string>>): void {
  base = mkdtempSync(join(tmpdir(), 'corch-model-'));
  for (const name of ['home', 'tmp', 'my repo']) mkdirSync(join(base, name), { mode: 0o700 });
  repo = join(base, 'my repo');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, name)), { recursive: true });
    writeFileSync(join(repo, name), content);
  }
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-qm', 'start');
}

function environment(): Record<string, string> {
  return {
    PATH: path,
    HOME: join(base, 'home'),
    TMPDIR: join(base, 'tmp'),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'sk-scripted',
    CLAUDE_CODE_MAX_RETRIES: '2',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  };
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: repo, env: { PATH: path, HOME: join(base, 'home') }, encoding: 'utf8' });
}

/** `node --test` in the repository; true when it passes. */
function testsPass(): boolean {
  return spawnSync(process.execPath, ['--test'], { cwd: repo, env: { PATH: path } }).status === 0;
}

/** Runs Claude Code once. With `killAt`, ends it with SIGKILL as soon as its output holds that text. */
async function runClaude(
  prompt: string,
  args: string[] = [],
  killAt?: string,
): Promise<{ code: number | null; lines: Line[] }> {
  const flags =
    '-p --output-format stream-json --verbose --permission-mode acceptEdits --allowedTools Bash --setting-sources user --strict-mcp-config';
  const child = spawn(claude, [...flags.split(' '), ...args], { cwd: repo, env: environment() });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (killAt !== undefined && output.includes(killAt)) child.kill('SIGKILL');
  });
  child.stderr.resume();
  child.stdin.end(prompt);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return { code, lines: whole.filter(Boolean).map((line) => JSON.parse(line) as Line) };
}

function resultOf(lines: Line[]): Line | undefined {
  return lines.findLast((line) => line.type === 'result');
}

describe('the real Claude Code on the scripted model', () => {
  it('makes the default change in a repository, again and again', async () => {
    makeRepository({ 'README.md': '# Shop\n' });
    const first = await runClaude('Please tidy up the README.');
    expect(first.code).toBe(0);
    expect(resultOf(first.lines)).toMatchObject({ subtype: 'success', is_error: false, permission_denials: [] });
    expect(resultOf(first.lines)?.['result']).toContain('demo model');
    expect(git('status', '--short')).toBe('?? CORCH-DEMO.md\n');
    expect(readFileSync(join(repo, 'CORCH-DEMO.md'), 'utf8')).toContain('> Please tidy up the README.\n');

    const second = await runClaude('Something else.');
    expect(resultOf(second.lines)).toMatchObject({ subtype: 'success', is_error: false });
    expect(readFileSync(join(repo, 'CORCH-DEMO.md'), 'utf8')).toContain('> Something else.\n');
  });

  it('fixes the sample repository', async () => {
    makeRepository(sampleRepository.files);
    expect(testsPass()).toBe(false);
    const { code, lines } = await runClaude(sampleRepository.prompt);
    expect(code).toBe(0);
    expect(resultOf(lines)).toMatchObject({ subtype: 'success', is_error: false, permission_denials: [] });
    expect(git('diff', '--numstat')).toBe('1\t1\tsrc/money.js\n');
    expect(testsPass()).toBe(true);
  });

  it('repairs a failing check', async () => {
    makeRepository({ 'README.md': '# Shop\n' });
    const { lines } = await runClaude('Write it. [[scenario:repaired-check]]');
    expect(resultOf(lines)).toMatchObject({ subtype: 'success', is_error: false });
    const failed = lines.filter((line) => JSON.stringify(line).includes('"is_error":true'));
    expect(failed).toHaveLength(1);
    expect(testsPass()).toBe(true);
  });

  it('is refused what lies outside the workspace', async () => {
    makeRepository({ 'README.md': '# Shop\n' });
    const { code, lines } = await runClaude('Keep a note. [[scenario:denied]]');
    expect(code).toBe(0);
    expect(resultOf(lines)?.['permission_denials']).toEqual([expect.objectContaining({ tool_name: 'Write' })]);
    expect(existsSync(join(base, 'note-for-next-time.txt'))).toBe(false);
  });

  it('recovers from an overload', async () => {
    makeRepository({ 'README.md': '# Shop\n' });
    const { code, lines } = await runClaude('Go. [[scenario:overload]]');
    expect(code).toBe(0);
    expect(lines.filter((line) => line.subtype === 'api_retry').map((line) => line['error_status'])).toEqual([
      529, 529,
    ]);
    expect(resultOf(lines)).toMatchObject({ subtype: 'success', is_error: false });
    expect(existsSync(join(repo, 'OVERLOAD.md'))).toBe(true);
  });

  it('goes on where a killed session stopped', async () => {
    makeRepository(sampleRepository.files);
    const session = randomUUID();
    const killed = await runClaude(sampleRepository.prompt, ['--session-id', session], '"name":"Edit"');
    expect(resultOf(killed.lines)).toBeUndefined();
    const { code, lines } = await runClaude('Continue.', ['--resume', session]);
    expect(code).toBe(0);
    expect(resultOf(lines)?.['result']).toContain('Fixed');
    const steps = model.requests.filter((request) => request.sessionId === session).map((request) => request.step);
    expect(steps).toEqual([...steps].sort());
    expect(steps.at(-1)).toBe(3);
  });

  it('runs as a program of its own', async () => {
    base = mkdtempSync(join(tmpdir(), 'corch-model-'));
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const args = ['--conditions=source', '--import', import.meta.resolve('tsx'), main, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const line = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
    expect(JSON.parse(line)).toEqual({ listening: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    child.kill('SIGTERM');
    expect(await closed).toBe(0);
  });
});
