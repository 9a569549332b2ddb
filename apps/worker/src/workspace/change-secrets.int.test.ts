// Real git, real folders.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, git, makeRepository } from '../testing/stack.js';
import { readChange } from './change.js';
import { Git } from './git.js';

const runner = new Git({ PATH: process.env['PATH'], HOME: '/nonexistent' });
const [secret, other] = ['sk-of-the-worker-0123456789', 'another-secret-98765'];
let base: string;
let workspace: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'corch-secrets-'));
  workspace = join(base, 'shop');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer) => writeFileSync(join(workspace, name), content);
async function found(baseCommit: string | null): Promise<readonly string[]> {
  const source = { workspace, baseCommit, shadow: join(base, 'shadow'), patchFile: join(base, 'patch') };
  return (await readChange(runner, { ...source, secrets: [secret, other] })).withSecrets;
}
function start(files: Record<string, string> = {}): string {
  makeRepository(workspace, { 'README.md': '# Shop\n', ...files });
  return git(workspace, 'rev-parse', 'HEAD');
}

describe('the secrets in a change', () => {
  it('are found in texts, in files with NUL bytes, and in links', async () => {
    const commit = start();
    write('a b.txt', `key: ${secret}\n`);
    write('cache.bin', Buffer.concat([Buffer.alloc(100_000), Buffer.from(`\0${secret}\0`)]));
    write('clean.bin', Buffer.alloc(100_000));
    write('README.md', `# Shop\n${other}\n`);
    symlinkSync(`${secret}/x`, join(workspace, 'link'));
    expect(await found(commit)).toEqual(['README.md', 'a b.txt', 'cache.bin', 'link']);
  });

  it.each(['binary', '-diff', '-text diff=hex', 'merge=binary -diff'])(
    'are found whatever the repository says of its files: %s',
    async (attributes) => {
      const commit = start({ '.gitattributes': `* ${attributes}\n`, 'old.cfg': 'x\n' });
      write('old.cfg', `x\n${secret}\n`);
      write('new.cfg', `${secret}\n`);
      expect(await found(commit)).toEqual(['new.cfg', 'old.cfg']);
    },
  );

  it('are no news where they stood before', async () => {
    const named = `${other}.txt`;
    const commit = start({
      [named]: '1',
      'a.txt': `${secret}\n1\n`,
      'b.bin': `\0${secret}`,
      'c.txt': `${secret}\n`,
      'd.txt': secret,
    });
    write(named, '2');
    write('a.txt', `${secret}\n2\n`);
    write('b.bin', `\0${secret}${other}`);
    rmSync(join(workspace, 'c.txt'));
    renameSync(join(workspace, 'd.txt'), join(workspace, 'moved.txt'));
    expect(await found(commit)).toEqual(['b.bin']);
  });

  it('are found in names, in repositories inside, and where there was no repository', async () => {
    mkdirSync(join(workspace, 'inner'), { recursive: true });
    git(join(workspace, 'inner'), 'init', '-q');
    write('inner/x.bin', `\0${secret}`);
    commitAll(join(workspace, 'inner'), 'made inside');
    write(`${other}.txt`, '');
    expect(await found(null)).toEqual([`${other}.txt`, 'inner/x.bin']);
  });

  it('are found among very many files', async () => {
    const commit = start();
    for (let n = 0; n < 1000; n++) write(`${n}.bin`, `\0${n === 777 ? secret : n}`);
    expect(await found(commit)).toEqual(['777.bin']);
  });

  it('are not looked for when there are none to look for', async () => {
    const commit = start();
    write('a.txt', secret);
    const source = { workspace, baseCommit: commit, shadow: join(base, 'shadow'), patchFile: join(base, 'patch') };
    expect((await readChange(runner, source)).withSecrets).toEqual([]);
  });
});
