// A secret of the worker that Claude comes by, with the real Claude Code on the scripted model.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { bundleName, checkpointName } from '@corch/contract';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventsOf } from './testing/pretend-orchestrator.js';
import { git, makeRepository, startStack, type Stack } from './testing/stack.js';

let stack: Stack;
let secret: string;
beforeEach(async () => {
  stack = await startStack();
  secret = stack.environment['ANTHROPIC_API_KEY'] ?? '';
  const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });
  const cut = 12;
  stack.model.setScripts({
    hidden: [
      { tools: [bash(`printf 'key\\0%s' '${secret}' > cache.bin`)] },
      { tools: [bash(`echo 'key: ${secret}' > app.cfg; echo 'A=${secret}' > app.env`)] },
      { tools: [bash(`printf '*.cfg binary\\n*.env -diff\\n' > .gitattributes`)] },
      { text: 'It is in the cache now.' },
    ],
    answer: [{ tools: [bash('echo clean > notes.txt')] }, { text: `The key is ${secret}.` }],
    leak: [
      {
        text: `The key is ${secret}.`,
        tools: [bash(`printf %s '${secret.slice(0, cut)}'; printf '%s\\n' '${secret.slice(cut)}'`)],
      },
      { tools: [bash(`echo 'key: ${secret}' > config.yaml; cp config.yaml report.txt`)] },
      { text: 'It is in the configuration now.' },
    ],
  });
});
afterEach(() => stack.close());

it('does not leave the worker: not in texts, and not with the change, which stays as a whole', async () => {
  const path = makeRepository(join(stack.base, 'repositories', 'shop'), {
    '.gitignore': 'report.txt\n',
    'README.md': '# Shop\n',
  });
  const { orchestrator } = stack;
  const run = orchestrator.submit({
    prompt: 'Go. [[scenario:leak]]',
    repository: { path },
    delivery: { mode: 'branch' },
    artifacts: ['report.txt'],
  });
  await stack.startWorker();
  const { finish } = await orchestrator.finished(run);
  expect(finish).toMatchObject({ exit: { outcome: 'delivery_failed' }, commit: null, stat: { files: 1 } });
  expect(finish.exit.message).toMatch(
    /^The change holds a secret of this worker \(in config\.yaml\).* does not leave the worker/,
  );
  // A checkpoint from before it was written may be there.
  const { [checkpointName]: checkpoint, ...others } = Object.fromEntries(run.blobs);
  expect(others).toEqual({});
  if (checkpoint !== undefined) expect(gunzipSync(checkpoint).toString()).toMatch(/"patch":null\}$/);
  expect(eventsOf(run, 'note').map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'The change holds a secret of this worker, so no checkpoints are made: elsewhere the run could only go on from the last one.',
      'The artifact `report.txt` was left out: it holds a secret of the worker.',
    ]),
  );
  expect(JSON.stringify([run.events, finish])).toContain('••••');
  expect(JSON.stringify([run.events, finish])).not.toContain(secret);
});

it('does not leave the worker in files that git takes for binary', async () => {
  const path = makeRepository(join(stack.base, 'repositories', 'shop'), { 'README.md': '# Shop\n' });
  const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:hidden]]', repository: { path } });
  await stack.startWorker();
  await stack.orchestrator.finished(run);
  expect([...run.blobs.keys()].filter((name) => name !== checkpointName)).toEqual([]);
  const checkpoint = run.blobs.get(checkpointName);
  if (checkpoint !== undefined) expect(gunzipSync(checkpoint).toString()).toMatch(/"patch":null\}$/);
  const notes = eventsOf(run, 'note').map(({ text }) => text);
  expect(notes).toContainEqual(expect.stringContaining('a secret of this worker (in app.cfg and 2 more)'));
  expect(notes).toContainEqual(expect.stringContaining('so no checkpoints are made'));
});

it('does not leave the worker in the message of a commit that quotes the answer', async () => {
  const path = makeRepository(join(stack.base, 'repositories', 'shop'), { 'README.md': '# Shop\n' });
  const commit = { message: 'Notes\n\n{answer}' };
  const run = stack.orchestrator.submit({ prompt: 'Go. [[scenario:answer]]', repository: { path }, commit });
  await stack.startWorker();
  const { finish } = await stack.orchestrator.finished(run);
  const bundle = join(stack.base, 'answer.bundle');
  writeFileSync(bundle, run.blobs.get(bundleName) ?? '');
  git(path, 'fetch', '-q', bundle, '+refs/heads/*:refs/bundle/*');
  expect(git(path, 'log', '-1', '--format=%B', finish.commit ?? '')).toMatch(/^Notes\n\nThe key is ••••\.\n/);
});
