// The only reader of the environment. Every variable is in `.env.example` at the root; a test compares the two.
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InstanceColour, RedisPrefix, RedisUrl, type Instance } from '@corch/contract';
import { telemetryProblem, telemetrySettings, telemetryVariables, type TelemetrySettings } from '@corch/telemetry';
import { z } from 'zod';
import { isLoopbackName } from './common/host-names.js';
import { StartError } from './common/start-error.js';

const whole = (min: number, max: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(min).max(max);
const milliseconds = (fallback: number, min = 1) => whole(min, 86_400_000).default(fallback);
const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 1 or 0')
  .default('0')
  .transform((value) => value === '1' || value === 'true');

/** An origin: scheme, host and port of an address, which must have nothing behind them. */
const Origin = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://corch.example.org' })
  .refine((value) => /^https?:\/\/[^/?#@]+\/?$/.test(value), 'must have no user, path or query')
  .transform((value) => new URL(value).origin);

/** The variables by name. Milliseconds where the name ends in MS. */
export const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4870),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.|postgres(ql)?:\/\/.)/, 'must start with sqlite: or postgres://')
    .optional(),
  REDIS_URL: RedisUrl.optional(),
  REDIS_PREFIX: RedisPrefix,
  PUBLIC_URL: Origin.optional(),
  INSECURE_HTTP: flag,
  /** Addresses or networks of reverse proxies whose X-Forwarded-… headers are believed, by commas. */
  TRUSTED_PROXY: z
    .string()
    .regex(/^[0-9a-fA-F.:/]+(,[0-9a-fA-F.:/]+)*$/, 'must be addresses or networks such as 10.0.0.0/8, by commas')
    .optional(),
  /** What the secrets of repositories are sealed with. */
  SECRET_KEY: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes as base64: make it with `openssl rand -base64 32`')
    .transform((value) => Buffer.from(value, 'base64'))
    .optional(),
  DASHBOARD_DIR: z.string().min(1).optional(),
  INSTANCE_NAME: z
    .string()
    .trim()
    .min(1)
    .max(30, 'must have at most 30 characters')
    .regex(/^[^\p{Cc}]*$/u, 'must be one line')
    .optional(),
  INSTANCE_COLOUR: InstanceColour.optional(),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug'], 'must be error, warn, info or debug').default('info'),
  HEARTBEAT_MS: milliseconds(10_000),
  LEASE_MS: milliseconds(60_000),
  CLAIM_WAIT_MS: milliseconds(25_000, 0),
  CLAIM_POLL_MS: milliseconds(3_000),
  APPEND_MS: milliseconds(250),
  APPEND_BYTES: whole(1024, 8_000_000).default(262_144),
  CHECKPOINT_MS: milliseconds(30_000),
  INPUT_WAIT_MS: milliseconds(86_400_000),
  CHECKPOINTS_MAX_MB: z.coerce.number().int().min(0).max(1_000_000).default(5000),
  REAP_MS: milliseconds(2_000),
  CLAIM_WATCH_MS: milliseconds(5_000),
  LOST_AFTER_CAP_MS: milliseconds(900_000),
  UNACKED_MS: milliseconds(30_000),
  LIMIT_JITTER_MS: milliseconds(15_000, 0),
  INFRA_RETRIES: whole(0, 20).default(3),
  RATE_LIMIT_PER_MINUTE: whole(1, 10_000_000).default(6_000),
  ...telemetryVariables,
  CORCH_RACE_POINTS: z.string().min(1).optional(),
  NODE_ENV: z.string().optional(),
});
type Environment = z.output<typeof Environment>;

/** What the program was told, checked and complete. Intervals in milliseconds. */
export interface Config {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** `sqlite:` and an absolute file name, or `postgres://…`. */
  readonly databaseUrl: string;
  /** Absent: this orchestrator is alone on its database. */
  readonly redisUrl: string | undefined;
  /** Of every key and channel, so that several products can share a server. */
  readonly redisPrefix: string;
  /** The origin that people type, when it is not the address that is listened on. */
  readonly publicUrl: string | undefined;
  /** Listening beyond loopback without https was asked for. */
  readonly insecureHttp: boolean;
  readonly trustedProxy: string | undefined;
  /** The key of the secrets, 32 bytes; absent: in a file of the data folder. */
  readonly secretKey: Buffer | undefined;
  readonly dashboardDir: string;
  /** What people know this orchestrator by. */
  readonly instance: Instance;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  /** The name of this machine, for tasks on a path of it. */
  readonly hostName: string;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly claimWaitMs: number;
  readonly claimPollMs: number;
  readonly appendMs: number;
  readonly appendBytes: number;
  readonly checkpointMs: number;
  /** How long a run that was interrupted waits for a message. */
  readonly inputWaitMs: number;
  /** What the checkpoints of runs that have ended may take together. */
  readonly checkpointsMaxMb: number;
  readonly reapMs: number;
  readonly claimWatchMs: number;
  readonly lostAfterCapMs: number;
  readonly unackedMs: number;
  /** After the reset of a plan limit, parked runs come back spread over so long. */
  readonly limitJitterMs: number;
  readonly infraRetries: number;
  /** Requests per minute and API key or session; workers have ten times as many. */
  readonly rateLimitPerMinute: number;
  /** Traces and reports of errors. */
  readonly telemetry: TelemetrySettings;
  /** Instead of a start: the last migration that shall stay, all others are undone. */
  readonly undoMigrations: string | undefined;
  /** Answers are held against the schemas of the contract (tests). */
  readonly checkAnswers: boolean;
  /** A folder through which a test stops this process at chosen moments; undefined outside tests. */
  readonly racePoints: string | undefined;
}

/**
 * Reads the configuration from variables and the arguments `--insecure-http` and `--undo-migrations NAME`.
 * @throws StartError `bad_config`, naming every variable that is wrong.
 */
export function readConfig(
  env: NodeJS.ProcessEnv = process.env,
  argv: readonly string[] = process.argv.slice(2),
): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { isInsecure, undoMigrations } = readArguments(argv);
  const parsed = Environment.safeParse({ ...set, ...(isInsecure ? { INSECURE_HTTP: '1' } : {}) });
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new StartError(
      'bad_config',
      `Wrong configuration: ${wrong.join('; ')}.`,
      'All variables are explained in .env.example.',
    );
  }
  checkExposure(parsed.data);
  checkRacePoints(parsed.data);
  checkStore(parsed.data);
  checkTelemetry(parsed.data);
  return { ...toConfig(parsed.data), telemetry: telemetrySettings(parsed.data, env), undoMigrations };
}

function readArguments(args: readonly string[]) {
  const options = { 'insecure-http': { type: 'boolean' }, 'undo-migrations': { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    return { isInsecure: values['insecure-http'] === true, undoMigrations: values['undo-migrations'] };
  } catch (error) {
    throw new StartError(
      'bad_config',
      `The arguments ${args.join(' ')} are not understood.`,
      'There are --insecure-http and --undo-migrations NAME; everything else is set by variables, see .env.example.',
      { cause: error },
    );
  }
}

/** Beyond loopback, keys and code would cross a network in the clear: that must be asked for by name. */
function checkExposure({ HOST, PORT, PUBLIC_URL, INSECURE_HTTP }: Environment): void {
  if (INSECURE_HTTP) return;
  if (PUBLIC_URL?.startsWith('http:') && !isLoopbackName(new URL(PUBLIC_URL).hostname)) {
    throw new StartError(
      'bad_config',
      `PUBLIC_URL=${PUBLIC_URL} has no https, so keys would cross the network unencrypted.`,
      `Use PUBLIC_URL=${PUBLIC_URL.replace('http:', 'https:')} with a proxy that does https, or add INSECURE_HTTP=1.`,
    );
  }
  if (!isLoopbackName(HOST) && PUBLIC_URL === undefined) {
    throw new StartError(
      'bad_config',
      `HOST=${HOST} listens beyond this machine, so keys would cross the network unencrypted.`,
      `Say how it is reached: \`HOST=${HOST} PORT=${PORT} PUBLIC_URL=https://YOUR.NAME corch up\` behind a proxy that does https, ` +
        `or accept the risk: \`HOST=${HOST} PORT=${PORT} INSECURE_HTTP=1 corch up\`.`,
    );
  }
}

/** A variable that was left over must not stop a server in the middle of its work. */
function checkRacePoints({ CORCH_RACE_POINTS, NODE_ENV }: Environment): void {
  if (CORCH_RACE_POINTS === undefined || NODE_ENV === 'test') return;
  throw new StartError(
    'bad_config',
    'CORCH_RACE_POINTS lets tests stop this program in the middle of its work, and NODE_ENV is not test.',
    'Unset CORCH_RACE_POINTS.',
  );
}

/** SQLite is one file of one process, so nobody could share the queue with it. */
function checkStore({ DATABASE_URL, REDIS_URL }: Environment): void {
  if (REDIS_URL === undefined || DATABASE_URL?.startsWith('postgres') === true) return;
  throw new StartError(
    'bad_config',
    'REDIS_URL is set, but the database is SQLite, which only one orchestrator can use.',
    'Set DATABASE_URL=postgres://…, too, or unset REDIS_URL.',
  );
}

function checkTelemetry(env: Environment): void {
  const problem = telemetryProblem(env);
  if (problem === null) return;
  throw new StartError('bad_config', `Wrong configuration: ${problem}.`, 'See docs/monitoring.md, or unset it.');
}

function toConfig(env: Environment): Omit<Config, 'undoMigrations' | 'telemetry'> {
  const dataDir = resolve(env.DATA_DIR);
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir,
    databaseUrl: databaseUrl(env.DATABASE_URL, dataDir),
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    publicUrl: env.PUBLIC_URL,
    insecureHttp: env.INSECURE_HTTP,
    trustedProxy: env.TRUSTED_PROXY,
    secretKey: env.SECRET_KEY,
    dashboardDir: resolve(env.DASHBOARD_DIR ?? fileURLToPath(new URL('../../dashboard/dist', import.meta.url))),
    instance: { name: env.INSTANCE_NAME ?? null, colour: env.INSTANCE_COLOUR ?? null },
    logLevel: env.LOG_LEVEL,
    hostName: hostname(),
    heartbeatMs: env.HEARTBEAT_MS,
    leaseMs: env.LEASE_MS,
    claimWaitMs: env.CLAIM_WAIT_MS,
    claimPollMs: env.CLAIM_POLL_MS,
    appendMs: env.APPEND_MS,
    appendBytes: env.APPEND_BYTES,
    checkpointMs: env.CHECKPOINT_MS,
    inputWaitMs: env.INPUT_WAIT_MS,
    checkpointsMaxMb: env.CHECKPOINTS_MAX_MB,
    reapMs: env.REAP_MS,
    claimWatchMs: env.CLAIM_WATCH_MS,
    lostAfterCapMs: env.LOST_AFTER_CAP_MS,
    unackedMs: env.UNACKED_MS,
    limitJitterMs: env.LIMIT_JITTER_MS,
    infraRetries: env.INFRA_RETRIES,
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    checkAnswers: env.NODE_ENV === 'test',
    racePoints: env.CORCH_RACE_POINTS,
  };
}

function databaseUrl(url: string | undefined, dataDir: string): string {
  if (url === undefined) return `sqlite:${resolve(dataDir, 'corch.sqlite')}`;
  if (!url.startsWith('sqlite:')) return url;
  const file = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  return `sqlite:${isAbsolute(file) ? file : resolve(file)}`;
}
