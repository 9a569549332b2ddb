// The environment of Claude Code: an allow-list, nothing inherited beyond it. Pure.
import type { Login } from '@corch/contract';
import type { Environment } from '../config.js';

/** What every child may see of the worker's environment. */
const common = [
  'PATH',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'LC_MESSAGES',
  'TZ',
  'USER',
  'LOGNAME',
  'SHELL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/** What only Claude Code may see, beside its credential. */
const claudeOnly = [
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
  'ANTHROPIC_MODEL',
  'ANTHROPIC_SMALL_FAST_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_BETAS',
  'BASH_DEFAULT_TIMEOUT_MS',
  'BASH_MAX_TIMEOUT_MS',
  'BASH_MAX_OUTPUT_LENGTH',
  'CLAUDE_CODE_TOOL_MEMORY_LIMIT',
  'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  'MAX_THINKING_TOKENS',
  'MAX_STRUCTURED_OUTPUT_RETRIES',
  'MCP_TIMEOUT',
  'MCP_TOOL_TIMEOUT',
] as const;

/** Credentials and switches of the cloud providers; only with such a login. */
const cloudPrefixes = ['AWS_', 'GOOGLE_', 'GCLOUD_', 'CLOUD_ML_', 'VERTEX_', 'AZURE_', 'ANTHROPIC_'];
const cloudSwitches = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];

/** Where a run's child may live. */
export interface ChildPlace {
  readonly runId: string;
  readonly home: string;
  /** Private (0700) and short: Claude Code puts a socket in it, and socket paths end at 104 characters. */
  readonly tmpDir: string;
}

export interface ClaudeLimits {
  readonly maxRetries: number;
  readonly apiTimeoutMs: number;
}

/** Takes the named variables that are set. */
function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** The marker by which every process of a run is found again, whatever it did to its session and parents. */
export const runMarker = 'CORCH_RUN_ID';

/** What every child of a run gets: no credential of Claude among it. */
export function childEnvironment(environment: Environment, place: ChildPlace): Record<string, string> {
  return {
    ...pick(environment, common),
    HOME: place.home,
    TMPDIR: place.tmpDir,
    [runMarker]: place.runId,
    // Nobody sits at a terminal: git and its friends must fail instead of asking.
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** The environment of Claude Code with the worker's own login. */
export function claudeEnvironment(
  environment: Environment,
  place: ChildPlace,
  login: Login,
  limits: ClaudeLimits,
): Record<string, string> {
  return {
    ...childEnvironment(environment, place),
    ...pick(environment, claudeOnly),
    ...credentialOf(environment, login),
    ...fixed(limits),
  };
}

/** The environment of Claude Code on the scripted model: nothing of the worker's login, everything on loopback. */
export function demoEnvironment(
  environment: Environment,
  place: ChildPlace,
  baseUrl: string,
  limits: ClaudeLimits,
): Record<string, string> {
  const { HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, http_proxy, https_proxy, all_proxy, ...direct } = childEnvironment(
    environment,
    place,
  );
  return { ...direct, ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_API_KEY: 'demo', ...fixed(limits) };
}

/** Exactly one credential, the one that {@link Login} names, so that the label tells the truth. */
function credentialOf(environment: Environment, login: Login): Record<string, string> {
  switch (login.kind) {
    case 'api_key':
      return pick(environment, ['ANTHROPIC_API_KEY']);
    case 'auth_token':
      return pick(environment, ['ANTHROPIC_AUTH_TOKEN']);
    case 'oauth_token':
      return pick(environment, ['CLAUDE_CODE_OAUTH_TOKEN']);
    case 'stored':
      return pick(environment, ['CLAUDE_CONFIG_DIR']);
    case 'cloud_provider': {
      const names = Object.keys(environment).filter((name) => cloudPrefixes.some((prefix) => name.startsWith(prefix)));
      return pick(environment, [...names, ...cloudSwitches]);
    }
    case 'none':
    case 'demo':
      return {};
  }
}

function fixed(limits: ClaudeLimits): Record<string, string> {
  return {
    DISABLE_AUTOUPDATER: '1',
    DISABLE_UPDATES: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // A background command keeps the program alive until it ends (seen on 2.1.330); the run would never finish.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    CLAUDE_CODE_DISABLE_CRON: '1',
    CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
    CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
    CLAUDE_CODE_MAX_RETRIES: String(limits.maxRetries),
    API_TIMEOUT_MS: String(limits.apiTimeoutMs),
  };
}
