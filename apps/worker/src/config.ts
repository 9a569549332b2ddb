// The only reader of the environment. Flags win over variables, variables over defaults.
import { Label, Name, RedisPrefix, RedisUrl } from '@corch/contract';
import { telemetryProblem, telemetrySettings, telemetryVariables, type TelemetrySettings } from '@corch/telemetry';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from './error-facts.js';
import { containmentModes, defaultMaxProcesses, type ContainmentMode } from './process-tree/containment-mode.js';
import { isUrlPattern } from './repository/allowed-url.js';
import { defaultLostAfterSeconds } from './lost-after.js';
import type { ShiftLimits } from './shift.js';
import { StartError } from './start-error.js';

/** The environment as the process got it. Passed on by allow-lists only. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything the worker decides by. */
export interface WorkerConfig {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly enrolToken: string | undefined;
  /** A PEM file with certificate authorities that are trusted beside those of Node, for the orchestrator only. */
  readonly caFile: string | undefined;
  /** In a trusted network: work is waited for there, too. Absent: by asking the orchestrator alone. */
  readonly redisUrl: string | undefined;
  /** As the orchestrator's. */
  readonly redisPrefix: string;
  /** Absolute; holds the token, the runs, the workspaces and Claude's sessions. */
  readonly dir: string;
  readonly name: string;
  readonly pools: readonly string[];
  readonly labels: readonly string[];
  readonly concurrency: number;
  /** Folders below which repositories may be given by path. */
  readonly allow: readonly string[];
  /** Patterns of addresses that repositories may be cloned from; see allowed-url.ts. */
  readonly allowRepositories: readonly string[];
  readonly allowCommands: boolean;
  readonly demo: boolean;
  readonly claudeBin: string | undefined;
  readonly lostAfterMs: number;
  /** When it is stopped, what runs may go on for so long before it is given back. */
  readonly drainGraceMs: number;
  readonly shift: ShiftLimits;
  /** With less free, nothing new is taken; 0: never mind. */
  readonly minFreeBytes: number;
  /** How long a run that the worker died over has to work before it is trusted again. */
  readonly suspectMs: number;
  readonly logLevel: string;
  /** Claude Code's own retries of one API request. */
  readonly claudeMaxRetries: number;
  readonly claudeApiTimeoutMs: number;
  /** `auto` takes the best way of holding a run's processes together that works here; the others force one. */
  readonly containment: 'auto' | ContainmentMode;
  /** At once, per run. */
  readonly maxProcesses: number;
  /** A file of a run that has ended is given up after so many tries that the orchestrator answered. */
  readonly uploadTries: number;
  /** Workspaces of finished runs are kept so long, and at most so many. */
  readonly keepDays: number;
  readonly keepWorkspaces: number;
  /** Traces and reports of errors. */
  readonly telemetry: TelemetrySettings;
  /** A folder through which a test stops this process at chosen moments; undefined outside tests. */
  readonly racePoints: string | undefined;
  readonly environment: Environment;
}

/** What the command line of `worker start` can say. */
export interface StartFlags {
  url?: string;
  tokenFile?: string;
  enrolTokenFile?: string;
  caFile?: string;
  redisUrl?: string;
  redisPrefix?: string;
  dir?: string;
  name?: string;
  pool?: string[];
  label?: string[];
  concurrency?: string;
  allow?: string[];
  allowRepository?: string[];
  allowCommands?: boolean;
  demo?: boolean;
  claudeBin?: string;
  lostAfter?: string;
  drainGrace?: string;
  maxRuns?: string;
  exitIfIdle?: string;
  minFreeDisk?: string;
}

const count = (max: number) => z.coerce.number().int().min(1).max(max);
/** As {@link count}, and 0 turns it off. */
const amount = (max: number) => z.coerce.number().int().min(0).max(max);
const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true');
const list = (separator: string) =>
  z.string().transform((value) =>
    value
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const Variables = z.object({
  WORKER_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:4870'),
  WORKER_TOKEN: z.string().optional(),
  WORKER_TOKEN_FILE: z.string().optional(),
  WORKER_ENROL_TOKEN: z.string().optional(),
  WORKER_ENROL_TOKEN_FILE: z.string().optional(),
  CORCH_CA_FILE: z.string().optional(),
  WORKER_REDIS_URL: RedisUrl.optional(),
  WORKER_REDIS_PREFIX: RedisPrefix,
  WORKER_DIR: z.string().optional(),
  DATA_DIR: z.string().default('data'),
  WORKER_NAME: Name.optional(),
  WORKER_POOLS: list(',').pipe(z.array(Name).min(1).max(32)).default(['default']),
  WORKER_LABELS: list(',').pipe(z.array(Label).max(64)).default([]),
  WORKER_CONCURRENCY: count(1000).default(2),
  WORKER_ALLOW: list(delimiter).default([]),
  WORKER_ALLOW_REPOSITORIES: list(',')
    .pipe(z.array(z.string().refine(isUrlPattern, 'must be patterns such as github.com/acme/*, by commas')))
    .default([]),
  WORKER_ALLOW_COMMANDS: flag.default(false),
  WORKER_DEMO: flag.default(false),
  WORKER_LOST_AFTER_SECONDS: count(86_400).optional(),
  WORKER_DRAIN_GRACE_SECONDS: amount(604_800).default(25),
  WORKER_MAX_RUNS: count(1_000_000).optional(),
  WORKER_EXIT_IF_IDLE_SECONDS: amount(604_800).optional(),
  WORKER_MIN_FREE_MB: amount(1_000_000_000).default(1000),
  WORKER_SUSPECT_SECONDS: amount(86_400).default(60),
  WORKER_CONTAINMENT: z.enum(['auto', ...containmentModes]).default('auto'),
  WORKER_MAX_PROCESSES: count(1_000_000).default(defaultMaxProcesses),
  WORKER_UPLOAD_TRIES: count(100_000).default(40),
  WORKER_KEEP_DAYS: count(3650).default(7),
  WORKER_KEEP_WORKSPACES: count(100_000).default(50),
  CLAUDE_BIN: z.string().optional(),
  CLAUDE_MAX_RETRIES: z.coerce.number().int().min(0).max(50).default(5),
  CLAUDE_API_TIMEOUT_MS: count(86_400_000).default(300_000),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  ...telemetryVariables,
  WORKER_CLAUDE_OTLP_HEADERS: z.string().optional(),
  CLAUDE_CODE_ENABLE_TELEMETRY: flag.default(true),
  CORCH_RACE_POINTS: z.string().optional(),
  NODE_ENV: z.string().optional(),
});

/** The names of every variable that is read; a test holds `.env.example` beside this package against them. */
export const variableNames = Object.keys(Variables.shape);

/** The variable behind a flag, so that a wrong value is named as the person wrote it. */
function asVariables(flags: StartFlags): Record<string, string | undefined> {
  return {
    WORKER_URL: flags.url,
    WORKER_TOKEN_FILE: flags.tokenFile,
    WORKER_ENROL_TOKEN_FILE: flags.enrolTokenFile,
    CORCH_CA_FILE: flags.caFile,
    WORKER_REDIS_URL: flags.redisUrl,
    WORKER_REDIS_PREFIX: flags.redisPrefix,
    WORKER_DIR: flags.dir,
    WORKER_NAME: flags.name,
    WORKER_POOLS: flags.pool?.join(','),
    WORKER_LABELS: flags.label?.join(','),
    WORKER_CONCURRENCY: flags.concurrency,
    WORKER_ALLOW: flags.allow?.join(delimiter),
    WORKER_ALLOW_REPOSITORIES: flags.allowRepository?.join(','),
    WORKER_ALLOW_COMMANDS: flags.allowCommands === undefined ? undefined : String(flags.allowCommands),
    WORKER_DEMO: flags.demo === undefined ? undefined : String(flags.demo),
    WORKER_LOST_AFTER_SECONDS: flags.lostAfter,
    WORKER_DRAIN_GRACE_SECONDS: flags.drainGrace,
    WORKER_MAX_RUNS: flags.maxRuns,
    WORKER_EXIT_IF_IDLE_SECONDS: flags.exitIfIdle,
    WORKER_MIN_FREE_MB: flags.minFreeDisk,
    CLAUDE_BIN: flags.claudeBin,
  };
}

/** Drops what is not set: an empty variable counts as absent. */
function present(values: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/**
 * Reads flags and environment once.
 *
 * @throws StartError `bad_config` that names every wrong value
 */
export function readConfig(flags: StartFlags, environment: Environment): WorkerConfig {
  const given = present(asVariables(flags));
  const parsed = Variables.safeParse({ ...present(environment), ...given });
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new StartError(
      'bad_config',
      `These settings are not valid: ${wrong.join('; ')}.`,
      'Mend them and start again.',
    );
  }
  const values = parsed.data;
  // A variable that was left over must not stop a worker in the middle of its work.
  if (values.CORCH_RACE_POINTS !== undefined && values.NODE_ENV !== 'test') {
    throw new StartError(
      'bad_config',
      'CORCH_RACE_POINTS lets tests stop this program in the middle of its work, and NODE_ENV is not test.',
      'Unset CORCH_RACE_POINTS.',
    );
  }
  const problem = telemetryProblem(values);
  if (problem !== null) {
    throw new StartError('bad_config', `These settings are not valid: ${problem}.`, 'Mend them and start again.');
  }
  // A flag beats whichever variable names the same thing in the other form.
  const token = flags.tokenFile === undefined ? values.WORKER_TOKEN : undefined;
  const enrolToken = flags.enrolTokenFile === undefined ? values.WORKER_ENROL_TOKEN : undefined;
  return {
    url: values.WORKER_URL.replace(/\/+$/, ''),
    token: token ?? readSecret(values.WORKER_TOKEN_FILE),
    enrolToken: enrolToken ?? readSecret(values.WORKER_ENROL_TOKEN_FILE),
    caFile: values.CORCH_CA_FILE && resolve(values.CORCH_CA_FILE),
    redisUrl: values.WORKER_REDIS_URL,
    redisPrefix: values.WORKER_REDIS_PREFIX,
    dir: resolve(values.WORKER_DIR ?? join(values.DATA_DIR, 'worker')),
    name: values.WORKER_NAME ?? hostName(hostname()),
    pools: values.WORKER_POOLS,
    labels: values.WORKER_LABELS,
    concurrency: values.WORKER_CONCURRENCY,
    allow: values.WORKER_ALLOW.map((path) => resolve(path)),
    allowRepositories: values.WORKER_ALLOW_REPOSITORIES,
    allowCommands: values.WORKER_ALLOW_COMMANDS,
    demo: values.WORKER_DEMO,
    claudeBin: values.CLAUDE_BIN,
    lostAfterMs: (values.WORKER_LOST_AFTER_SECONDS ?? defaultLostAfterSeconds()) * 1000,
    drainGraceMs: values.WORKER_DRAIN_GRACE_SECONDS * 1000,
    shift: {
      maxRuns: values.WORKER_MAX_RUNS,
      exitIfIdleMs: values.WORKER_EXIT_IF_IDLE_SECONDS && values.WORKER_EXIT_IF_IDLE_SECONDS * 1000,
    },
    minFreeBytes: values.WORKER_MIN_FREE_MB * 1_000_000,
    suspectMs: values.WORKER_SUSPECT_SECONDS * 1000,
    logLevel: values.LOG_LEVEL,
    claudeMaxRetries: values.CLAUDE_MAX_RETRIES,
    claudeApiTimeoutMs: values.CLAUDE_API_TIMEOUT_MS,
    containment: values.WORKER_CONTAINMENT,
    maxProcesses: values.WORKER_MAX_PROCESSES,
    uploadTries: values.WORKER_UPLOAD_TRIES,
    keepDays: values.WORKER_KEEP_DAYS,
    keepWorkspaces: values.WORKER_KEEP_WORKSPACES,
    telemetry: telemetrySettings(values, environment),
    racePoints: values.CORCH_RACE_POINTS,
    environment,
  };
}

function readSecret(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new StartError(
      'bad_config',
      `The token file cannot be read: ${messageOf(error)}.`,
      'Check its path and rights.',
    );
  }
}

/** A host name as a worker's name: other characters become dashes. */
export function hostName(host: string): string {
  const name = host
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  return name === '' ? 'worker' : name;
}

/** The environment of this process, for `main.ts`. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Folders of PATH, for finding programs without a shell. */
export function searchPath(environment: Environment): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
}
