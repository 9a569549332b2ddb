// Repositories without a secret: git signs in with what the worker's own user has, a credential helper or an SSH agent. Claude has
// neither. Setup and checks have the home of that user, as the guide says, but not the agent and none of the worker's variables.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { GitServer } from '../src/git-server.js';
import { git } from '../src/repository.js';
import { argumentsWith, filesWith } from '../src/search-files.js';
import { SshAgent } from '../src/ssh-agent.js';
import { makeKey, SshServer } from '../src/ssh-server.js';
import { startStack, type Stack } from '../src/stack.js';

const login = { username: 'robot', password: 'k3y-of-the-house' };
/** Of the environment of the worker alone. */
const deployToken = 'deploy-seeded-9876543210-fedcba';
const forms = [login.password, Buffer.from(`${login.username}:${login.password}`).toString('base64')];

let stack: Stack;
let server: GitServer;
let ssh: SshServer;
let agent: SshAgent;
let home: string;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  server = await GitServer.start(join(stack.folder, 'served'), login);
  home = join(stack.folder, 'user');
  for (const folder of [home, join(stack.folder, 'seen')]) mkdirSync(folder, { mode: 0o700 });
  const { host } = new URL(server.url);
  writeFileSync(join(home, 'passwords'), `http://${login.username}:${login.password}@${host}\n`, { mode: 0o600 });
  writeFileSync(join(home, '.gitconfig'), `[credential]\n\thelper = store --file=${join(home, 'passwords')}\n`);

  const keyFile = join(stack.folder, 'key');
  ssh = await SshServer.start(join(stack.folder, 'ssh'), makeKey(keyFile));
  agent = await SshAgent.start(join(stack.folder, 'agent'), keyFile);
  // From here on only the agent has it.
  rmSync(keyFile);
  const knownHosts = join(stack.folder, 'known-hosts');
  writeFileSync(knownHosts, ssh.knownHost);
  // Nothing of whoever runs the tests: OpenSSH looks for that in the folder of the user, whatever HOME says.
  const options = [
    'BatchMode=yes',
    'IdentityFile=none',
    'GlobalKnownHostsFile=/dev/null',
    `UserKnownHostsFile=${knownHosts}`,
  ];
  const command = ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', option])].join(' ');
  const env = { HOME: home, DEPLOY_TOKEN: deployToken, GIT_SSH_COMMAND: command };
  await stack.startWorker({ env: { ...env, SSH_AUTH_SOCK: agent.socket }, args: ['--name', 'keeper'] });
  await stack.startWorker({ env, args: ['--name', 'keyless', '--pool', 'keyless'] });
});
afterAll(async () => {
  await agent.stop();
  await ssh.close();
  await server.close();
  await stack.stop();
});

/** Where something that works in the workspace writes what it finds: unlike a transcript, nobody makes this safe. */
const seenFile = (who: string) => join(stack.folder, 'seen', who);
/** Looks for what the worker signs in with. */
const look = (who: string, ...more: string[]) =>
  `{ ${['env', 'ssh-add -l', ...more].join('; ')}; } > ${seenFile(who)} 2>&1; true`;
const listRemote = 'git ls-remote origin';
/** Asks git's helpers for the password. */
const askHelpers = 'printf "url=%s\\n\\n" "$(git config remote.origin.url)" | git credential fill';

/** Works in the repository, with three that look around, and pushes. */
async function work(name: string, url: string): Promise<TaskDetail> {
  const scripts = {
    [`looks-${name}`]: [
      {
        tools: [
          { name: 'Bash', input: { command: `${look(`${name}-claude`, listRemote, askHelpers)}; echo new > new.txt` } },
        ],
      },
      { text: 'Looked.' },
    ],
  };
  stack.model.setScripts(scripts);
  const { id } = await stack.submit({
    prompt: `Look around. [[scenario:looks-${name}]]`,
    repository: { url },
    setup: [look(`${name}-setup`)],
    checks: [look(`${name}-check`)],
    delivery: { mode: 'branch' },
  });
  const done = await stack.until(id);
  expect(done).toMatchObject({ status: 'succeeded', repositoryName: null, stat: { files: 1 }, runCount: 2 });
  return done;
}

const found = (name: string, who: string) => readFileSync(seenFile(`${name}-${who}`), 'utf8');

function expectNothingOfTheWorker(name: string): void {
  for (const who of ['claude', 'setup', 'check']) {
    const text = found(name, who);
    // That it looked at all.
    expect(text).toMatch(/^HOME=.+$/m);
    expect(text).toContain('Could not open a connection to your authentication agent');
    const own = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'GIT_SSH', 'GIT_CONFIG', 'CORCH_GIT', 'WORKER_', 'DEPLOY_TOKEN'];
    const others = who === 'claude' ? [home] : ['ANTHROPIC_'];
    expect([...own, ...others, ...forms, deployToken].filter((word) => text.includes(word))).toEqual([]);
  }
  expect(found(name, 'claude')).not.toContain('refs/heads/main');
}

describe('a credential helper of the worker’s user', () => {
  it('opens a repository to read and to push, and only for git of the worker', async () => {
    const url = server.repository('by-helper');
    const seen: string[] = [];
    server.beforeAnswer = () => void seen.push(...argumentsWith(forms));
    const done = await work('http', url);
    const { branch = '', commit } = done.delivered ?? {};
    expect(git(server.pathOf('by-helper'), 'rev-parse', branch).trim()).toBe(commit);
    expect(server.requests.filter(({ method, status }) => method === 'POST' && status === 200).length).toBeGreaterThan(
      1,
    );
    expectNothingOfTheWorker('http');
    expect(found('http', 'claude').match(/could not read Username/g)).toHaveLength(2);
    expect(seen).toEqual([]);
    expect(filesWith(stack.folder, forms)).toEqual([join(home, 'passwords')]);
    const events = (await stack.client.listTaskRuns({ params: { taskId: done.id } })).data.map(({ id }) =>
      stack.events(id),
    );
    const told = JSON.stringify(await Promise.all(events));
    const logs = stack.programs.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(forms.filter((form) => told.includes(form) || logs.includes(form))).toEqual([]);
  });
});

describe('an SSH agent of the worker’s user', () => {
  it('opens a repository to read and to push, and only for git of the worker', async () => {
    const done = await work('ssh', ssh.repository('by-agent'));
    const { branch = '', commit } = done.delivered ?? {};
    expect(git(ssh.pathOf('by-agent'), 'rev-parse', branch).trim()).toBe(commit);
    expect(ssh.commands).toContain("git-receive-pack '/by-agent.git'");
    expectNothingOfTheWorker('ssh');
    expect(found('ssh', 'claude')).toMatch(/Host key verification failed|Permission denied/);
  });

  it('is missed in one clear sentence by a worker that has none', async () => {
    const { id } = await stack.submit({ prompt: 'x', pool: 'keyless', repository: { url: ssh.repository('missed') } });
    const failed = await stack.until(id);
    expect(failed).toMatchObject({ status: 'failed', reason: 'workspace_failed' });
    expect(failed.currentRun.exit?.message).toMatch(/the worker may not read it \(.*Permission denied \(publickey\)/);
    expect(failed.currentRun.exit?.message).toContain("Give the worker's user access");
  });
});
