// How long a run waits for its files, and how much of the disk each further run takes.
import { GitServer } from '@corch/e2e/git-server';
import { median } from '@corch/e2e/statistics';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Options } from './options.js';
import type { Row } from './report.js';

const maker = fileURLToPath(new URL('../../apps/worker/src/testing/make-workspaces.ts', import.meta.url));
/** A bare `git worktree add` and a clone are allowed to be so much faster, and a workspace so much larger than its files. */
const maxTime = 1.2;
const maxSize = 1.02;

/** Workspaces of `--files` files from a mirror over HTTP, alternating with bare git. */
export async function* measureWorkspace({ files, rounds }: Pick<Options, 'files' | 'rounds'>): AsyncGenerator<Row> {
  const base = mkdtempSync(join(tmpdir(), 'corch-bench-workspace-'));
  const server = await GitServer.start(join(base, 'served'));
  try {
    const url = server.repository('shop', Object.fromEntries(Array.from({ length: files }, (_, n) => fileOf(n))));
    const bare = join(base, 'bare.git');
    // The server answers from this process, so nothing here may wait for a child without letting others run.
    await run(base, ['clone', '--bare', '--quiet', url, bare]);
    const worker = new Maker(join(base, 'mirrors'), url);
    const first = await worker.make(join(base, 'first'));
    const times = { workspace: [] as number[], worktree: [] as number[], clone: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const [place, tree, clone] = ['place', 'tree', 'clone'].map((name) => join(base, `${name}-${round}`));
      if (place === undefined || tree === undefined || clone === undefined) break;
      const ways = [
        async () => times.workspace.push(await worker.make(place)),
        async () =>
          times.worktree.push(await run(bare, ['worktree', 'add', '--quiet', '-b', `tree-${round}`, tree, 'main'])),
        async () => times.clone.push(await run(base, ['clone', '--quiet', url, clone])),
      ];
      // Each begins on a disk that has nothing left to write, none is always the first, and nothing is removed meanwhile:
      // whoever came next paid for that, up to a second.
      for (let way = 0; way < ways.length; way++) {
        await run(base, [], 'sync');
        await ways[(round + way) % ways.length]?.();
      }
    }
    worker.end();
    const seconds = (list: readonly number[]) => median(list) / 1000;
    const took = { value: seconds(times.workspace), unit: 's' };
    yield {
      what: 'workspace ready',
      ...took,
      against: { what: 'bare git worktree add', value: seconds(times.worktree) },
    };
    const target = { what: `target: ${maxTime}× of it`, value: maxTime * seconds(times.worktree) };
    yield { what: 'workspace ready', ...took, against: target };
    yield { what: 'workspace ready', ...took, against: { what: 'git clone over HTTP', value: seconds(times.clone) } };
    yield {
      what: 'first workspace, with the mirror',
      value: first / 1000,
      unit: 's',
      against: { what: 'git clone over HTTP', value: seconds(times.clone) },
    };
    const size = megabytes(join(base, `place-${rounds - 1}`));
    // The same files without anything of git.
    const bareFiles = megabytes(join(base, `tree-${rounds - 1}`));
    yield {
      what: 'disk of one more workspace',
      value: size,
      unit: 'MB',
      against: { what: 'its files', value: bareFiles },
    };
    const limit = { what: `target: ${maxSize}× of them`, value: maxSize * bareFiles };
    yield { what: 'disk of one more workspace', value: size, unit: 'MB', against: limit };
  } finally {
    await server.close();
    rmSync(base, { recursive: true, force: true });
  }
}

/** The worker's own code in a process of its own. */
class Maker {
  private readonly child;
  private readonly lines: AsyncIterator<string>;

  constructor(mirrors: string, url: string) {
    const args = ['--conditions=corch-source', '--import', import.meta.resolve('tsx'), maker, mirrors, url];
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Milliseconds. */
  async make(folder: string): Promise<number> {
    this.child.stdin.write(`${folder}\n`);
    const answer = await this.lines.next();
    if (answer.done === true) throw new Error('the workspace could not be made');
    return Number(answer.value);
  }

  end(): void {
    this.child.stdin.end();
  }
}

/** Runs a program and returns how many milliseconds it took. */
function run(cwd: string, args: readonly string[], program = 'git'): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(performance.now() - begin);
      else reject(new Error(`${program} ${args[0] ?? ''} ended with ${code}`));
    });
  });
}

/** Source files of 0.5 to 6.5 kB, ten to a folder. */
function fileOf(n: number): [name: string, text: string] {
  const lines = 10 + ((n * 7919) % 120);
  const text = Array.from({ length: lines }, (_, line) => `export const value${line} = ${Math.sin(n + line)};\n`);
  return [`src/part${n % 100}/area${Math.floor(n / 100) % 10}/file${n}.ts`, text.join('')];
}

function megabytes(folder: string): number {
  return Number.parseInt(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }), 10) / 1000;
}
