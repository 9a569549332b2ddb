// What this machine has for a worker, part by part.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findClaude } from './claude/claude-program.js';
import { demoLogin, detectLogin } from './claude/login.js';
import type { WorkerConfig } from './config.js';
import { Containment } from './process-tree/containment.js';
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
  const containment = await Containment.open(config.containment);
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
    { name: 'processes', ok: true, detail: ways[containment.mode] },
  ];
  const { path, version } = claude;
  const ok = checks.every((check) => check.ok);
  return { ok, checks, claude: { path, version }, login: login.kind, containment: containment.mode };
}

const ways = {
  cgroup: 'each run in a cgroup of its own; nothing can leave it',
  scan: 'found by environment, kinship and session; no cgroup can be made here',
  ps: 'found by kinship and session; no cgroup can be made here',
};

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
