import type { Login } from '@corch/contract';
import { describe, expect, it } from '@jest/globals';
import { childEnvironment, claudeEnvironment, demoEnvironment } from './claude-env.js';

const place = { runId: 'run_1', home: '/homes/1', tmpDir: '/tmp/corch-1' };
const limits = { maxRetries: 5, apiTimeoutMs: 1000 };
const worker = {
  PATH: '/usr/bin',
  HOME: '/home/me',
  LANG: 'C.UTF-8',
  HTTPS_PROXY: 'http://proxy:1',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  ANTHROPIC_API_KEY: 'key',
  ANTHROPIC_AUTH_TOKEN: 'bearer',
  ANTHROPIC_BASE_URL: 'https://gateway',
  CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
  CLAUDE_CODE_USE_BEDROCK: '1',
  AWS_SECRET_ACCESS_KEY: 'aws',
  GITHUB_TOKEN: 'github',
  WORKER_TOKEN: 'corch',
  NODE_OPTIONS: '--inspect',
  SSH_AUTH_SOCK: '/agent',
};
const credentials = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN', 'AWS_SECRET_ACCESS_KEY'];
const login = (kind: Login['kind']): Login => ({ kind, label: null });

describe('the environment of a child', () => {
  it('is an allow-list with the marker of its run', () => {
    expect(childEnvironment(worker, place)).toEqual({
      PATH: '/usr/bin',
      LANG: 'C.UTF-8',
      HTTPS_PROXY: 'http://proxy:1',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      HOME: '/homes/1',
      TMPDIR: '/tmp/corch-1',
      CORCH_RUN_ID: 'run_1',
      GIT_TERMINAL_PROMPT: '0',
    });
  });

  it.each([
    ['api_key', ['ANTHROPIC_API_KEY']],
    ['auth_token', ['ANTHROPIC_AUTH_TOKEN']],
    ['oauth_token', ['CLAUDE_CODE_OAUTH_TOKEN']],
    ['stored', []],
    ['none', []],
  ] as const)('holds the credential of %s and no other', (kind, names) => {
    const env = claudeEnvironment(worker, place, login(kind), limits);
    expect(credentials.filter((name) => name in env)).toEqual(names);
    expect(env).toMatchObject({ ANTHROPIC_BASE_URL: 'https://gateway', CLAUDE_CODE_MAX_RETRIES: '5' });
    for (const name of ['GITHUB_TOKEN', 'WORKER_TOKEN', 'NODE_OPTIONS', 'SSH_AUTH_SOCK'])
      expect(env).not.toHaveProperty(name);
  });

  it('holds what a cloud provider needs', () => {
    const env = claudeEnvironment(worker, place, login('cloud_provider'), limits);
    expect(env).toMatchObject({ CLAUDE_CODE_USE_BEDROCK: '1', AWS_SECRET_ACCESS_KEY: 'aws' });
    expect(env).not.toHaveProperty('CLAUDE_CODE_OAUTH_TOKEN');
  });

  it('switches off what phones home or outlives the run', () => {
    expect(claudeEnvironment(worker, place, login('api_key'), limits)).toMatchObject({
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      API_TIMEOUT_MS: '1000',
    });
  });

  it('of a demo run knows neither login nor proxy', () => {
    const env = demoEnvironment(worker, place, 'http://127.0.0.1:5', limits);
    expect(env).toMatchObject({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:5', ANTHROPIC_API_KEY: 'demo' });
    for (const name of [...credentials.slice(1), 'HTTPS_PROXY']) expect(env).not.toHaveProperty(name);
  });
});
