// Real git, with programs that only note that they were started in the place of ssh.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, makeRepository } from '../testing/stack.js';
import { Git } from './git.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "corch-git's "));
  mkdirSync(join(base, 'home'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** @returns how it is called as one word of a shell line */
function program(name: string): { path: string; word: string } {
  const path = join(base, name);
  writeFileSync(path, `#!/bin/sh\necho ${name} "$1" >> "$(dirname "$0")/ran"\nexit 1\n`, { mode: 0o755 });
  return { path, word: `"${path}"` };
}

/** Which program a git of this environment starts to reach a server, asked from within a repository that names one, too. */
async function startedBy(environment: Record<string, string>): Promise<string[]> {
  const hostile = makeRepository(join(base, 'hostile'));
  git(hostile, 'config', 'core.sshCommand', program('planted').word);
  const runner = new Git({ PATH: process.env['PATH'], HOME: join(base, 'home'), ...environment });
  await runner.run(['ls-remote', '--', 'ssh://git@corch.invalid/a.git'], { cwd: hostile });
  // git may ask a program that is not called ssh what it can do, before it uses it.
  return [...new Set(readFileSync(join(base, 'ran'), 'utf8').trim().split('\n'))];
}

it('starts the ssh of the configuration of the user', async () => {
  writeFileSync(
    join(base, 'home', '.gitconfig'),
    `[core]\n\tsshCommand = ${JSON.stringify(`${program('configured').word} -4`)}\n`,
  );
  expect(await startedBy({})).toEqual(['configured -4']);
});

it('starts the program that GIT_SSH names', async () => {
  const started = await startedBy({ GIT_SSH: program('named').path });
  expect(started.map((line) => line.split(' ')[0])).toEqual(started.map(() => 'named'));
});

it('starts the command of GIT_SSH_COMMAND before all others', async () => {
  writeFileSync(join(base, 'home', '.gitconfig'), `[core]\n\tsshCommand = false\n`);
  const environment = { GIT_SSH_COMMAND: `${program('command').word} -6`, GIT_SSH: program('named').path };
  expect(await startedBy(environment)).toEqual(['command -6']);
});

it('starts no ssh that a repository names', async () => {
  const path = join(base, 'bin');
  mkdirSync(path);
  writeFileSync(join(path, 'ssh'), `#!/bin/sh\necho "$2" > "${join(base, 'ran')}"\nexit 1\n`, { mode: 0o755 });
  expect(await startedBy({ PATH: `${path}:${process.env['PATH'] ?? ''}` })).toEqual(['BatchMode=yes']);
});

it('fetches nothing that a repository lacks, by a program that the repository names', async () => {
  const path = makeRepository(join(base, 'hostile'));
  const remote = { promisor: 'true', url: path, uploadpack: program('planted').word };
  for (const [name, value] of Object.entries(remote)) git(path, 'config', `remote.other.${name}`, value);
  git(path, 'config', 'core.repositoryFormatVersion', '1');
  git(path, 'config', 'extensions.partialClone', 'other');
  const runner = new Git({ PATH: process.env['PATH'], HOME: join(base, 'home') });
  expect((await runner.run(['cat-file', '-e', 'a'.repeat(40)], { cwd: path })).code).not.toBe(0);
  expect(existsSync(join(base, 'ran'))).toBe(false);
});
