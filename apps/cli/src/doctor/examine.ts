import { accessSync, constants, existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Transport } from '@corch/contract/client';
import { z } from 'zod';
import { readVersion, workerEnvironment } from '../config.js';
import { askHealth, probe, type HealthAnswer } from '../connection/probe.js';
import type { Context } from '../context.js';
import { gitVersion } from '../programs/git.js';
import { askWorkerDoctor } from '../programs/worker-program.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; with `ok` a recommendation only. */
  readonly hint: string | null;
}

/** Below this a clone or a transcript soon finds no room. */
const lowDiskBytes = 2_000_000_000;
/** Tokens and leases are judged by the orchestrator's clock alone; people reading times are not. */
const maxSkewMs = 5_000;
/** A proxy that holds the stream back does so until its buffer is full. */
const slowStreamMs = 5_000;

/** Looks at this machine first, then at the orchestrator. */
export async function* examine(context: Context, claudeBin: string | undefined): AsyncGenerator<Check> {
  yield node();
  yield await git(context);
  yield* await claudeCode(context, claudeBin);
  yield dataFolder(context);
  yield await disk(context);
  yield* server(context);
}

function pass(name: string, detail: string, hint: string | null = null): Check {
  return { name, ok: true, detail, hint };
}

function fail(name: string, detail: string, hint: string): Check {
  return { name, ok: false, detail, hint };
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  return isEnough
    ? pass('node', process.versions.node)
    : fail('node', process.versions.node, 'Node 20.19 or newer is needed: https://nodejs.org');
}

async function git({ config }: Context): Promise<Check> {
  try {
    return pass('git', await gitVersion(config.environment));
  } catch (error) {
    return fail(
      'git',
      'not found on the PATH',
      error instanceof Error && 'hint' in error ? String(error.hint) : 'Install git.',
    );
  }
}

const WorkerReport = z.object({
  checks: z.array(
    z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), hint: z.string().nullish().default(null) }),
  ),
});

/** What concerns Claude Code only the worker knows: which binary it takes, and how that is signed in. */
async function claudeCode({ config }: Context, claudeBin: string | undefined): Promise<Check[]> {
  try {
    const args = claudeBin === undefined ? [] : ['--claude-bin', claudeBin];
    const report = WorkerReport.parse(await askWorkerDoctor(args, workerEnvironment(config.environment), config.cwd));
    const own = new Set(['node', 'git', 'disk', 'data']);
    return report.checks.filter(({ name }) => !own.has(name)).map(withHint);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      fail(
        'claude',
        `the worker program did not answer: ${why}`,
        'Install or build it again (in a checkout: pnpm build).',
      ),
    ];
  }
}

/** `Not signed in. Run …`: what was found, then what to do. */
function withHint(check: Check): Check {
  const end = check.ok || check.hint !== null ? -1 : check.detail.indexOf('. ');
  return end === -1 ? check : { ...check, detail: check.detail.slice(0, end), hint: check.detail.slice(end + 2) };
}

function dataFolder({ config }: Context): Check {
  let folder = config.dataDir;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return pass('data', config.dataDir);
  } catch {
    return fail(
      'data',
      `${config.dataDir} cannot be written`,
      'Give yourself the right, or use another: corch up --data DIR',
    );
  }
}

async function disk({ config }: Context): Promise<Check> {
  let folder = config.dataDir;
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  return free >= lowDiskBytes
    ? pass('disk', detail)
    : pass('disk', detail, 'Free some space: clones and transcripts need it.');
}

async function* server(context: Context): AsyncGenerator<Check> {
  const { config, settings, commandLine } = context;
  const { server: url, serverFrom, token, tokenFrom } = settings;
  const transport = await context.transport();
  let health: HealthAnswer | undefined;
  const askedAt = Date.now();
  try {
    health = await askHealth(url, 5000, transport);
  } catch (error) {
    const { connectionFault } = await import('@corch/contract/client');
    const fault = connectionFault(error, { baseUrl: url, proxy: transport?.proxy ?? null });
    const start = `Start one with \`${commandLine('up')}\`, or name another with --server URL.`;
    yield fail('server', `${url} (from ${serverFrom}): ${fault.message}`, fault.hint ?? start);
    return;
  }
  if (health === undefined) {
    yield fail('server', `what answers at ${url} (from ${serverFrom}) is no orchestrator`, 'Check the address.');
    return;
  }
  const same = health.version === readVersion();
  yield pass(
    'server',
    `${url}, version ${health.version}${transport?.proxy == null ? '' : `, with the proxy ${transport.proxy}`}`,
    same ? null : `This is corch ${readVersion()}; bring both to the same version.`,
  );
  for (const [name, { ok, detail }] of Object.entries(health.checks)) {
    if (!ok) yield fail(name, detail, 'See the log of the orchestrator, and `Health` in docs/runbook.md.');
  }
  if (health.date !== undefined) yield clock(health.date, askedAt);
  yield await access(url, { token, tokenFrom, transport });
  yield await stream(url, { token, transport });
  if (/^http:/.test(url) && !/^http:\/\/(127\.|localhost|\[::1\])/.test(url) && config.token !== undefined) {
    yield pass('transport', 'http beyond this machine', 'Keys cross the network unencrypted; use https.');
  }
}

function clock(serverMs: number, askedAtMs: number): Check {
  // The Date header has whole seconds, and the answer took its time.
  const skew = serverMs + 500 - (askedAtMs + Date.now()) / 2;
  const detail = `${Math.abs(skew) < 1000 ? 'in step' : `${(skew / 1000).toFixed(1)} s apart`}`;
  return Math.abs(skew) <= maxSkewMs
    ? pass('clock', detail)
    : pass('clock', detail, 'Let both machines set their clocks (NTP).');
}

interface Way {
  readonly token: string | undefined;
  readonly transport: Transport | undefined;
}

async function access(
  url: string,
  { token, tokenFrom: from, transport }: Way & { readonly tokenFrom: string | undefined },
): Promise<Check> {
  if (token === undefined) {
    return fail('access', 'no key is known here', 'Put an API key into CORCH_TOKEN, or a file for --token-file.');
  }
  const { status, body } = await probe(`${url}/api/v1/session`, { token, transport, timeoutMs: 5000 });
  if (status !== 200)
    return fail('access', `the key from ${from} is refused (HTTP ${status})`, 'Make another with `corch key create`.');
  const session = z.object({ name: z.string(), scope: z.string() }).safeParse(safeJson(body));
  return pass(
    'access',
    session.success ? `${session.data.name}, scope ${session.data.scope} (from ${from})` : `from ${from}`,
  );
}

async function stream(url: string, { token, transport }: Way): Promise<Check> {
  const hint = 'A proxy holds the stream back: switch its buffering off for this address (nginx: proxy_buffering off).';
  try {
    const answer = await probe(`${url}/api/v1/stream`, {
      token,
      transport,
      accept: 'text/event-stream',
      firstByteOnly: true,
      timeoutMs: slowStreamMs,
    });
    if (answer.status !== 200) return fail('stream', `HTTP ${answer.status}`, 'It needs a key that may read.');
    return pass('stream', `first byte after ${Math.round(answer.firstByteMs)} ms`);
  } catch (error) {
    return fail('stream', error instanceof Error ? error.message : String(error), hint);
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
