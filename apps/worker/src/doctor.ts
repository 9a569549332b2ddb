// What this machine has for a worker, part by part.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findClaude } from './claude/claude-program.js';
import { demoLogin, detectLogin } from './claude/login.js';
import type { WorkerConfig } from './config.js';
import { containmentPromises, type ContainmentMode } from './process-tree/containment-mode.js';
import { Containment } from './process-tree/containment.js';
import { StartError } from './start-error.js';
import { Git } from './workspace/git.js';

export interface Check {
  readonly name: 'node' | 'claude' | 'login' | 'git' | 'disk' | 'processes';
  readonly ok: boolean;
  /** What was found; with a failure also what to do. */
  readonly detail: string;
}

export interface DoctorReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly claude: { readonly path: string; readonly version: string | null };
  readonly login: string;
  readonly containment: string;
}

/** Below this a clone of an ordinary repository may not fit. */
const lowBytes = 2e9;

/** Looks at everything. Only what stops Claude tasks from running makes the report not ok. */
export async function examine(config: WorkerConfig): Promise<DoctorReport> {
  const claude = await findClaude(config.claudeBin, config.environment);
  const isMac = process.platform === 'darwin';
  const login = config.demo ? demoLogin : await detectLogin(config.environment, isMac, claude.path);
  const { mode, check: processes } = await checkProcesses(config);
  const checks: Check[] = [
    { name: 'node', ok: true, detail: process.versions.node },
    { name: 'claude', ok: claude.problem === null, detail: claude.problem ?? `${claude.version} (${claude.path})` },
    {
      name: 'login',
      ok: login.kind !== 'none',
      detail: login.label ?? 'Not signed in. Run `claude auth login`, or set ANTHROPIC_API_KEY.',
    },
    await checkGit(config),
    await checkDisk(config.dir),
    processes,
  ];
  const { path, version } = claude;
  const ok = checks.every((check) => check.ok);
  return { ok, checks, claude: { path, version }, login: login.kind, containment: mode };
}

/** How runs are held together: which way, what it holds and what not, and why not in a better one. */
async function checkProcesses({ containment: wanted, maxProcesses }: WorkerConfig): Promise<{
  readonly mode: ContainmentMode | 'none';
  readonly check: Check;
}> {
  try {
    const { mode, missing, hasLimit } = await Containment.open(wanted, maxProcesses);
    const how = hasLimit ? 'processes and threads, kept by the kernel' : 'processes, counted each second';
    const better = missing.map((way) => `; ${way.mode} does not work here: ${way.problem}`).join('');
    const detail = `${mode}: ${containmentPromises[mode]}; at most ${maxProcesses} ${how}${better}`;
    return { mode, check: { name: 'processes', ok: true, detail } };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { mode: 'none', check: { name: 'processes', ok: false, detail: `${error.message} ${error.hint}` } };
  }
}

async function checkGit(config: WorkerConfig): Promise<Check> {
  const answer = await new Git(config.environment).ask(['--version'], { cwd: '/' }).catch(() => null);
  return { name: 'git', ok: answer !== null, detail: answer ?? 'git was not found. Install git 2.30 or newer.' };
}

/** The folder may not exist yet; then the nearest one above it counts. */
async function checkDisk(dir: string): Promise<Check> {
  const info = await statfs(dir).catch(() => null);
  if (info === null && dirname(dir) !== dir) return checkDisk(dirname(dir));
  const free = info === null ? 0 : info.bavail * info.bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free in ${dir}`;
  return { name: 'disk', ok: free > lowBytes, detail: free > lowBytes ? detail : `${detail}; make room` };
}
