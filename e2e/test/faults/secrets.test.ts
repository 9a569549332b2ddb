// Secrets that a run comes by, or needs, are found in nothing that leaves the worker (F15): no table, no file of a run, no log, no command
// line, and nothing that was pushed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isFinal, type SubmitTask, type TaskDetail } from '@corch/contract';
import { dumpStore, type Cell } from '../../src/dump-store.js';
import { startFaultStack, type FaultStack } from '../../src/fault-stack.js';
import { Hosting, login, secretKey } from '../../src/hosting.js';
import { git } from '../../src/repository.js';
import { argumentsWith, filesWith, unzipped } from '../../src/search-files.js';
import { waitFor } from '../../src/wait-for.js';

/** That Claude signs in with, and may print. */
const apiKey = 'sk-ant-seeded-0123456789-abcdef';
/** Of the worker's environment alone. */
const deployToken = 'deploy-seeded-9876543210-fedcba';
const git1 = login.password;
const basic = Buffer.from(`${login.username}:${git1}`).toString('base64');
const forms = [apiKey, deployToken, secretKey, git1, Buffer.from(git1).toString('base64'), basic];
const ofGit = forms.slice(2);

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
/** Prints it in two pieces. */
const inTwo = (text: string) => `printf %s '${text.slice(0, 9)}'; sleep 0.3; printf '%s\\n' '${text.slice(9)}'`;
const scripts = {
  tells: [
    {
      text: `I found ${apiKey} and ${git1}.`,
      tools: [bash(`${inTwo(apiKey)}; ${inTwo(deployToken)}; ${inTwo(git1)}`)],
    },
    { tools: [bash('echo a clean change > notes.txt')] },
    { text: `Done with ${deployToken}.` },
  ],
  writes: [
    { tools: [bash(`echo "token: ${deployToken}" > config.txt; cp config.txt report.log`)] },
    { text: 'Written.' },
  ],
  mends: [{ tools: [bash('sed -i s/deploy-.*/from-the-environment/ config.txt')] }, { text: 'Taken out.' }],
  asks: [{ tools: [bash(`curl -H "authorization: ${apiKey}" http://127.0.0.1:1`)] }, { text: 'Then not.' }],
};

let stack: FaultStack;
let hosting: Hosting;
const commandLines: string[] = [];
beforeAll(async () => {
  stack = await startFaultStack('secrets', { workers: 0, scripts, env: { SECRET_KEY: secretKey } });
  hosting = await Hosting.start(stack, { 'README.md': '# App\n', '.gitignore': '*.log\n' });
  hosting.server.beforeAnswer = () => void commandLines.push(...argumentsWith(ofGit));
  await stack.startWorker({ env: { ANTHROPIC_API_KEY: apiKey, DEPLOY_TOKEN: deployToken } });
});
afterAll(async () => {
  await hosting.close();
  await stack.finish();
});

const submit = (scenario: keyof typeof scripts, more: Partial<SubmitTask> = {}) =>
  stack.submit({
    prompt: `Go [[scenario:${scenario}]]`,
    repository: { name: 'app' },
    delivery: { mode: 'pr' },
    artifacts: ['*.log'],
    ...more,
  });

/** Everything that is kept of a run, unpacked; with what is pushed. */
async function filesOf(task: TaskDetail): Promise<Cell[]> {
  const runs = (await stack.client.listTaskRuns({ params: { taskId: task.id } })).data;
  const cells: Cell[] = [];
  for (const { id: runId } of runs) {
    const { data } = await stack.client.listBlobs({ params: { runId } });
    for (const { name } of data) {
      const bytes = unzipped(Buffer.from(await stack.client.readBlob({ params: { runId, name } })));
      cells.push({ place: name, bytes: name === 'change.bundle' ? unbundled(runId, bytes) : bytes });
    }
  }
  return cells;
}

/** The objects of a bundle. */
function unbundled(runId: string, bytes: Buffer): Buffer {
  const folder = join(stack.folder, `unbundled-${runId}`);
  git(stack.folder, 'clone', '-q', '--bare', hosting.path, folder);
  writeFileSync(join(folder, 'it'), bytes);
  git(folder, 'fetch', '-q', join(folder, 'it'), 'refs/heads/change');
  return execFileSync('git', ['cat-file', '--batch', '--batch-all-objects'], { cwd: folder });
}

/** A checkpoint with its patch as itself. */
function decoded(bytes: Buffer): Buffer {
  const [, patch = ''] = /^\{"version":.*,"patch":"([^"]*)"\}$/s.exec(bytes.toString('latin1')) ?? [];
  return patch === '' ? bytes : Buffer.concat([bytes, Buffer.from(patch, 'base64')]);
}

const placesOf = (cells: readonly Cell[], texts: readonly string[]) => [
  ...new Set(cells.filter(({ bytes }) => texts.some((text) => bytes.includes(text))).map(({ place }) => place)),
];

describe('secrets', () => {
  it('are in nothing that leaves the worker', async () => {
    const told = await stack.until((await submit('tells', { checks: [inTwo(deployToken)] })).id);
    expect(told).toMatchObject({ status: 'succeeded', delivered: { pullRequest: { number: 1 } } });
    const written = await stack.until((await submit('writes')).id);
    expect(written).toMatchObject({ status: 'failed', reason: 'delivery_failed', delivered: null });
    expect(written.currentRun.exit?.message).toContain('holds a secret of this worker (in config.txt)');
    const text = 'Take it out [[scenario:mends]]';
    await stack.client.sendMessage({ params: { taskId: written.id }, body: { text } });
    const mended = await waitFor('the delivery', async () => {
      const now = await stack.client.readTask({ params: { taskId: written.id } });
      return now.runCount === 3 && isFinal(now.status) ? now : undefined;
    });
    expect(mended).toMatchObject({ status: 'succeeded', delivered: { pullRequest: { number: 2 } } });
    expect(git(hosting.path, 'show', `${mended.delivered?.branch}:config.txt`)).toBe('token: from-the-environment\n');

    const asking = await submit('asks', { permissionPolicy: 'ask' });
    const approval = await waitFor('the question', async () => {
      const { data } = await stack.client.listApprovals({ query: { task: asking.id } });
      return data[0];
    });
    await stack.client.decideApproval({ params: { approvalId: approval.id }, body: { action: 'deny' } });
    expect(isFinal((await stack.until(asking.id)).status)).toBe(true);

    const dumped = await dumpStore(stack.data, stack.storeEnv['DATABASE_URL']);
    const cells = dumped.map(({ place, bytes }) => ({ place, bytes: decoded(bytes) }));
    const kept = [...(await filesOf(told)), ...(await filesOf(written)), ...(await filesOf(asking))];
    // What is there is found, so that what is not found is not there.
    expect(placesOf(cells, ['I found ••••'])).toEqual(expect.arrayContaining(['event_chunks.data', 'blob_parts.data']));
    const checkpoints = cells.filter(({ bytes }) => bytes.includes('"patch":"'));
    expect(placesOf(checkpoints, ['+a clean change'])).toEqual(['blob_parts.data']);
    expect(placesOf(kept, ['a clean change'])).toEqual(expect.arrayContaining(['change.bundle', 'patch.diff']));
    expect(placesOf(cells, forms)).toEqual([]);
    expect(placesOf(kept, forms)).toEqual([]);
    expect(commandLines).toEqual([]);
    const logs = stack.programs.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(forms.filter((form) => logs.includes(form))).toEqual([]);
    const pushed = execFileSync('git', ['cat-file', '--batch', '--batch-all-objects'], { cwd: hosting.path });
    expect(pushed.includes('a clean change')).toBe(true);
    expect(forms.filter((form) => pushed.includes(form))).toEqual([]);
  });

  it('of the server are in no file at all, and the others in those that Claude and its commands wrote', () => {
    mkdirSync(join(stack.folder, 'searched'));
    const raw = /\/(homes|workspaces)\/|\/std(out|err)\.log$|\/repositories\//;
    const files = filesWith(stack.folder, forms).filter((path) => !raw.test(path));
    expect(files).toEqual([]);
    expect(filesWith(stack.data, forms)).toEqual([]);
  });
});
