// The only reader of the environment.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import type { OutputOptions } from './output.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that the surroundings decide before a flag is read. */
export interface Config {
  /** Where the command was typed. */
  readonly cwd: string;
  /** The checkout that this program runs from; undefined when it is installed as a package. */
  readonly checkout: string | undefined;
  /** How the command is typed here: `corch`, `pnpm corch`, … */
  readonly command: string;
  /** Holds `config.json`. */
  readonly configDir: string;
  /** Where `up` keeps its data when nothing else is said. */
  readonly dataDir: string;
  readonly server: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly debug: boolean;
  readonly color: OutputOptions['color'];
  /** Whether a browser could be opened here. */
  readonly hasDisplay: boolean;
  /** The environment, to hand selected parts on to other programs. */
  readonly environment: Environment;
}

/** The variables of this program's own, for the test against `.env.example`. */
export const variableNames = [
  'CORCH_SERVER',
  'CORCH_TOKEN',
  'CORCH_TOKEN_FILE',
  'CORCH_CA_FILE',
  'CORCH_DEBUG',
] as const;

/** Where the code of this program lies: `src` or `dist`. */
const home = fileURLToPath(new URL('.', import.meta.url));

/** The environment, folder and arguments of this process. */
export function readConfig(
  environment: Environment = process.env,
  cwd = process.cwd(),
  program = process.argv[1] ?? '',
): Config {
  const checkout = findCheckout();
  const paths = envPaths('corch', { suffix: '' });
  const folder = typedIn(environment, cwd, checkout);
  const own = (name: (typeof variableNames)[number]) => environment[name];
  return {
    cwd: folder,
    checkout,
    command: commandName(environment, folder, program, checkout),
    configDir: filled(environment['XDG_CONFIG_HOME'], (base) => join(base, 'corch')) ?? paths.config,
    dataDir: checkout
      ? join(checkout, 'data')
      : (filled(environment['XDG_DATA_HOME'], (base) => join(base, 'corch')) ?? paths.data),
    server: filled(own('CORCH_SERVER')),
    token: filled(own('CORCH_TOKEN')),
    tokenFile: filled(own('CORCH_TOKEN_FILE'), (path) => resolve(folder, path)),
    caFile: filled(own('CORCH_CA_FILE'), (path) => resolve(folder, path)),
    debug: isOn(own('CORCH_DEBUG')),
    color: colorChoice(environment),
    hasDisplay: hasDisplay(environment, process.platform),
    environment,
  };
}

/** The version of this program. */
export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(join(home, '../package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

function findCheckout(): string | undefined {
  const root = resolve(home, '../../..');
  return existsSync(join(root, 'pnpm-workspace.yaml')) ? root : undefined;
}

/** npm and pnpm run a script in the checkout; where the user stood is in INIT_CWD. */
function typedIn(environment: Environment, cwd: string, checkout: string | undefined): string {
  const isOurScript = ['corch', 'start'].includes(environment['npm_lifecycle_event'] ?? '');
  return (isOurScript && cwd === checkout && filled(environment['INIT_CWD'])) || cwd;
}

function commandName(environment: Environment, cwd: string, program: string, checkout: string | undefined): string {
  const installed = basename(program, '.js');
  if (installed === 'corch' || installed === 'claude-orchestrator') return installed;
  if (checkout === undefined) return 'corch';
  const runner = environment['npm_lifecycle_event'] === undefined ? '' : (environment['npm_config_user_agent'] ?? '');
  if (runner.startsWith('pnpm/')) return 'pnpm corch';
  if (runner !== '') return 'npm run -s corch --';
  const main = join(checkout, 'apps/cli/dist/main.js');
  const near = relative(cwd, main);
  return `node ${near.startsWith('..') ? main : near}`;
}

/** NO_COLOR and FORCE_COLOR count before the older CLICOLOR pair. */
function colorChoice(environment: Environment): OutputOptions['color'] {
  if (filled(environment['NO_COLOR'])) return 'never';
  if (isOn(environment['FORCE_COLOR'])) return 'always';
  if (environment['FORCE_COLOR'] === '0') return 'never';
  if (isOn(environment['CLICOLOR_FORCE'])) return 'always';
  return environment['CLICOLOR'] === '0' || environment['TERM'] === 'dumb' ? 'never' : 'auto';
}

function hasDisplay(environment: Environment, platform: NodeJS.Platform): boolean {
  if (filled(environment['SSH_CONNECTION']) || filled(environment['CI'])) return false;
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(filled(environment['DISPLAY']) ?? filled(environment['WAYLAND_DISPLAY']));
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

function filled(value: string | undefined, map: (value: string) => string = (same) => same): string | undefined {
  return value === undefined || value === '' ? undefined : map(value);
}

/** What every program needs to find its way about. Nothing else of the person's environment reaches the children of `up`. */
const common = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LANGUAGE|LC_\w+|XDG_\w+|NODE_EXTRA_CA_CERTS|LOG_LEVEL)$/,
  /^(OTEL|SENTRY)_\w+$/,
  /^(SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMDATA)$/i,
];
const orchestratorOnly = [
  /^(DATABASE_URL|REDIS_URL|REDIS_PREFIX|PUBLIC_URL|INSECURE_HTTP|TRUSTED_PROXY|SECRET_KEY|DASHBOARD_DIR|INSTANCE_NAME|INSTANCE_COLOUR|NODE_ENV)$/,
  /^(HEARTBEAT_MS|LEASE_MS|CLAIM_WAIT_MS|CLAIM_POLL_MS|APPEND_MS|APPEND_BYTES|CHECKPOINT_MS|CHECKPOINTS_MAX_MB|REAP_MS|CLAIM_WATCH_MS)$/,
  /^(LOST_AFTER_CAP_MS|UNACKED_MS|INPUT_WAIT_MS|LIMIT_JITTER_MS|INFRA_RETRIES|RATE_LIMIT_PER_MINUTE)$/,
];
/** Logins of Claude Code, proxies, and what git needs to reach remotes. */
const workerOnly = [
  /^(ANTHROPIC|CLAUDE|AWS|GOOGLE|VERTEX|GCLOUD|CLOUD_ML|AZURE|WORKER)_\w+$/,
  /^(HTTP_PROXY|HTTPS_PROXY|ALL_PROXY|NO_PROXY)$/i,
  /^(SSH_AUTH_SOCK|SSH_AGENT_PID|GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_CONFIG_GLOBAL)$/,
];

/** The part of an environment that the orchestrator gets. */
export function orchestratorEnvironment(environment: Environment): Record<string, string> {
  return pick(environment, [...common, ...orchestratorOnly]);
}

/** The part of an environment that the worker gets. */
export function workerEnvironment(environment: Environment): Record<string, string> {
  return pick(environment, [...common, ...workerOnly]);
}

function pick(environment: Environment, names: readonly RegExp[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && names.some((name) => name.test(entry[0])),
    ),
  );
}
