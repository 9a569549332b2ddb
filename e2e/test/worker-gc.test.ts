// `corch worker gc` in the folder of a worker that is at work: nothing goes that is kept nowhere else, and nothing that is in use.
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskDetail } from '@corch/contract';
import { startStack, type Stack } from '../src/stack.js';
import { waitFor } from '../src/wait-for.js';

interface Row {
  readonly kind: 'workspace' | 'mirror';
  readonly path: string;
  readonly verdict: 'used' | 'recent' | 'unkept' | 'removed';
  readonly why: string | null;
  readonly bytes: number;
}

let stack: Stack;
let folder: string;
let repository: string;
let gate: string;
/** Its change is with the orchestrator; likewise, but somebody went on in its files; and one that is at work. */
let kept: TaskDetail;
let touched: TaskDetail;
let working: TaskDetail;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  folder = join(stack.folder, 'one');
  gate = join(stack.folder, 'gate');
  await stack.startWorker({ folder, args: ['--name', 'one'] });
  // 2 MB in each workspace, so that there is something to free.
  repository = stack.repository('app', {
    'README.md': '# App\n',
    'large.txt': 'a line of 20 letters\n'.repeat(100_000),
  });
  const edit = { prompt: 'Make notes [[scenario:edits]]', repository: { path: repository } };
  [kept, touched] = [
    await stack.until((await stack.submit(edit)).id),
    await stack.until((await stack.submit(edit)).id),
  ];
  appendFileSync(join(workspaceOf(touched), 'notes.txt'), 'by hand\n');
  const command = ['sh', '-c', `echo begun > work.txt; until [ -e ${gate} ]; do sleep 0.1; done; cat work.txt`];
  working = await stack.submit({ executor: 'command', command, repository: { path: repository } });
  await waitFor('the command', () => existsSync(join(workspaceOf(working), 'work.txt')));
});
afterAll(() => stack.stop());

const nameOf = ({ id, currentRunId }: TaskDetail) => `${id.slice(-6)}-${currentRunId.slice(-8)}`;
const workspaceOf = (task: TaskDetail) => join(folder, 'workspaces', nameOf(task));
const workspaces = () => readdirSync(join(folder, 'workspaces')).filter((name) => !name.endsWith('.json'));

/** `corch worker gc` as a program reads it. */
async function gc(...args: string[]): Promise<{ dir: string; rows: Row[] }> {
  const ended = await stack.corch(['worker', 'gc', '--json', ...args], {}, stack.folder);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ended.stdout) as { dir: string; rows: Row[] };
}
const rowOf = ({ rows }: { rows: Row[] }, task: TaskDetail) => rows.find(({ path }) => path === workspaceOf(task));
const loss = expect.stringMatching(/no copy of its change \(1 file\)/);

describe('corch worker gc', () => {
  it('with --dry-run says what could go, what stays and why, with sizes, and removes nothing', async () => {
    // A task is final a moment before its worker has put the run away.
    const planned = await waitFor('the runs to be put away', async () => {
      const report = await gc('--dry-run', '--dir', folder);
      return rowOf(report, kept)?.verdict === 'removed' && rowOf(report, touched)?.verdict === 'unkept' && report;
    });
    expect(planned.dir).toBe(folder);
    expect(rowOf(planned, kept)).toMatchObject({ kind: 'workspace', verdict: 'removed', why: null });
    expect(rowOf(planned, touched)).toMatchObject({ verdict: 'unkept', why: loss });
    expect(rowOf(planned, working)).toMatchObject({ verdict: 'used', why: null });
    expect(planned.rows.find(({ kind }) => kind === 'mirror')).toMatchObject({ verdict: 'used' });
    expect(planned.rows).toHaveLength(4);
    for (const { kind, bytes } of planned.rows) expect(bytes).toBeGreaterThan(kind === 'workspace' ? 2_000_000 : 0);
    expect(workspaces()).toHaveLength(3);
  });

  it('in a pipe prints a line for each, without colours', async () => {
    const { code, stdout } = await stack.corch(['worker', 'gc', '--dry-run', '--dir', folder]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    const line = (task: TaskDetail) => lines.find((text) => text.includes(nameOf(task)));
    expect(line(kept)).toMatch(/^ +2 MB {2}workspace \S+ {2}would be removed$/);
    expect(line(touched)).toMatch(/^ +2 MB {2}workspace \S+ {2}stays: the orchestrator has no copy of its change/);
    expect(line(working)).toMatch(/^ +2 MB {2}workspace \S+ {2}stays: in use$/);
    expect(lines.at(-2)).toBe(`${folder}: 2 MB can be freed.`);
    expect(lines.at(-1)).toContain('--unkept');
    expect(stdout).not.toContain('\u001b');
    expect(workspaces()).toHaveLength(3);
  });

  it('removes what is proved to be kept, and leaves the others and the run under way alone', async () => {
    const done = await gc('--dir', folder);
    expect(rowOf(done, kept)).toMatchObject({ verdict: 'removed' });
    expect(rowOf(done, touched)).toMatchObject({ verdict: 'unkept', why: loss });
    expect(workspaces().sort()).toEqual([nameOf(touched), nameOf(working)].sort());
    expect(existsSync(`${workspaceOf(kept)}.json`)).toBe(false);
    // What the orchestrator has is what was removed.
    expect((await stack.corch(['diff', kept.id])).stdout).toContain('+three');
    writeFileSync(gate, '');
    expect(await stack.until(working.id)).toMatchObject({ status: 'succeeded', stat: { files: 1 } });
  });

  it('removes with --unkept what would be lost, and has nothing to do where no worker was', async () => {
    const ended = await stack.corch(['worker', 'gc', '--unkept', '--dir', folder]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(`workspace ${nameOf(touched)}  removed`) });
    expect(existsSync(workspaceOf(touched))).toBe(false);
    const nowhere = join(stack.folder, 'nowhere');
    expect(await gc('--dir', nowhere)).toEqual({ dir: nowhere, rows: [] });
    expect(existsSync(nowhere)).toBe(false);
  });
});
