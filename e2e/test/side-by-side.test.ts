// Ten runs of one repository at the same time, on one worker: each has its own files, branch and change, whatever the others do.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Script } from '@corch/scripted-model';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';

const count = 10;
/** Ten programs of 200 MB begin at once: 60 s on 2 idle cores, more than 120 s beside another file of tests. */
const patienceMs = 270_000;
const all = Array.from({ length: count }, (_, n) => `run-${n}`);
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  const together = join(stack.folder, 'together');
  // Each waits until all are there, and then does with git what would harm the others, if it could.
  const steps = (name: string) => [
    `echo ${name} > own.txt; echo ${name} >> README.md; touch ${together}-${name}`,
    `until [ $(ls ${together}-* | wc -l) -ge ${count} ]; do sleep 0.1; done`,
    `git stash -q; git stash pop -q; git add own.txt; git commit -qm ${name}; git tag same-name; git branch same-name`,
    'git config user.name other; git gc -q --prune=now; git worktree prune; git remote remove origin; ls',
  ];
  const scripts = all.map((name) => {
    const input = { command: steps(name).join('\n'), description: 'Work', timeout: patienceMs };
    return [name, [{ tools: [{ name: 'Bash', input }] }, { text: 'Done.' }]] satisfies [string, Script];
  });
  stack.model.setScripts(Object.fromEntries(scripts));
  await stack.startWorker({ folder: join(stack.folder, 'worker'), args: ['--concurrency', String(count)] });
});
afterAll(() => stack.stop());

it('do not disturb each other, nor what they share', async () => {
  const path = stack.repository('shared');
  const tasks = await Promise.all(
    all.map((name) =>
      stack.submit({
        prompt: `Go [[scenario:${name}]]`,
        title: name,
        repository: { path },
        checks: [`grep -qx ${name} own.txt && [ $(git log --format=%s -1) = ${name} ]`],
        delivery: { mode: 'branch' },
      }),
    ),
  );
  const ended = await Promise.all(tasks.map(({ id }) => stack.until(id, undefined, patienceMs)));
  const made = ended.map(({ title, status, stat, delivered }) => {
    const branch = delivered?.branch ?? '';
    const show = (file: string) => git(path, 'show', `${branch}:${file}`);
    const files = git(path, 'diff', '--name-only', 'main', branch).trim().split('\n');
    return { title, status, stat, files, own: show('own.txt'), readme: show('README.md') };
  });
  expect(made).toEqual(
    all.map((name) => ({
      ...{ title: name, status: 'succeeded', stat: { files: 2, additions: 2, deletions: 0 } },
      ...{ files: ['README.md', 'own.txt'], own: `${name}\n`, readme: `# Example\n${name}\n` },
    })),
  );
  expect(new Set(ended.map(({ delivered }) => delivered?.branch)).size).toBe(count);
  expect(git(path, 'tag')).toBe('');
  const [mirror = ''] = readdirSync(join(stack.folder, 'worker', 'mirrors'));
  const [generation = '', ...others] = readdirSync(join(stack.folder, 'worker', 'mirrors', mirror)).filter((name) =>
    existsSync(join(stack.folder, 'worker', 'mirrors', mirror, name, 'HEAD')),
  );
  expect(others).toEqual([]);
  git(join(stack.folder, 'worker', 'mirrors', mirror, generation), 'rev-list', '--objects', '--all', '--quiet');
});
