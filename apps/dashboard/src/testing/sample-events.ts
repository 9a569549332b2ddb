import type { RunEvent } from '@corch/contract';
import { makeEvents, type MakeEvent } from './make.js';

const failing = `
> test
> node --test

✖ adds two numbers (1.2ms)
  AssertionError: Expected values to be strictly equal: -1 !== 5
      at TestContext.<anonymous> (file:///repo/test/sum.test.js:5:10)
ℹ tests 3
ℹ pass 2
ℹ fail 1
`;

/** A short run with one event of every kind a reader meets. */
export const sampleBodies: readonly MakeEvent[] = [
  { type: 'status', status: 'queued', reason: null, text: null },
  { type: 'status', status: 'running', reason: null, text: null, workerName: 'studio' },
  { type: 'note', level: 'info', text: 'Workspace ready on branch corch/000003-fix-the-sum at 3f2c1ab.' },
  { type: 'prompt', text: 'The tests fail. Find out why, fix it and say what was wrong.' },
  {
    type: 'session',
    sessionId: '00000000-0000-4000-8000-000000000003',
    model: 'claude-sonnet-5',
    cwd: '/data/workspaces/000003',
    permissionMode: 'acceptEdits',
    claudeVersion: '2.1.330',
    toolCount: 18,
  },
  { type: 'thinking', text: 'The test output will say which function is off. Let me run it first.' },
  { type: 'text', text: 'I run the tests first, to see **which** one fails.' },
  {
    type: 'tool_use',
    toolUseId: 't1',
    name: 'Bash',
    input: { command: 'npm test 2>&1 | tail -20', description: 'Run the tests' },
  },
  { type: 'tool_result', toolUseId: 't1', isError: true, text: `Exit code 1\n${failing}` },
  { type: 'tool_use', toolUseId: 't2', name: 'Read', input: { file_path: 'src/sum.js', offset: 1, limit: 20 } },
  {
    type: 'tool_result',
    toolUseId: 't2',
    isError: false,
    text: '1\texport function sum(a, b) {\n2\t  return a - b;\n3\t}\n',
  },
  {
    type: 'tool_use',
    toolUseId: 't3',
    name: 'Edit',
    input: {
      file_path: 'src/sum.js',
      old_string: 'export function sum(a, b) {\n  return a - b;\n}',
      new_string: 'export function sum(a, b) {\n  return a + b;\n}',
    },
  },
  { type: 'tool_result', toolUseId: 't3', isError: false, text: 'The file src/sum.js has been updated.' },
  { type: 'tool_use', toolUseId: 't4', name: 'WebFetch', input: { url: 'https://example.org/' } },
  { type: 'denied', toolName: 'WebFetch', toolUseId: 't4', text: 'The policy of this task allows no network.' },
  {
    type: 'api_retry',
    attempt: 1,
    maxRetries: 5,
    delayMs: 600,
    httpStatus: 529,
    error: 'overloaded_error',
  },
  { type: 'tool_use', toolUseId: 't5', name: 'Task', input: { description: 'Look for other callers', prompt: '…' } },
  { type: 'text', text: 'Two callers, both fine.', parentToolUseId: 't5' },
  { type: 'tool_use', toolUseId: 't6', name: 'Grep', input: { pattern: 'sum(' }, parentToolUseId: 't5' },
  { type: 'tool_result', toolUseId: 't6', isError: false, text: 'src/index.js\nsrc/total.js', parentToolUseId: 't5' },
  { type: 'tool_result', toolUseId: 't5', isError: false, text: 'No other caller needs a change.' },
  {
    type: 'tool_use',
    toolUseId: 't7',
    name: 'TodoWrite',
    input: {
      todos: [
        { content: 'Reproduce', status: 'completed' },
        { content: 'Fix', status: 'completed' },
        { content: 'Verify', status: 'in_progress' },
      ],
    },
  },
  { type: 'tool_result', toolUseId: 't7', isError: false, text: 'Todos have been modified.' },
  { type: 'gap', text: '120 kB of output were left out here.', bytes: 120_000 },
  { type: 'raw', line: { type: 'something_new', of: ['a', 'later', 'version'] } },
];

/** What comes behind {@link sampleBodies} when the run ends well. */
export const endingBodies: readonly MakeEvent[] = [
  {
    type: 'text',
    text: '`sum` subtracted instead of adding. I changed the operator; **all 3 tests pass** now.\n\n| before | after |\n| --- | --- |\n| `a - b` | `a + b` |',
  },
  {
    type: 'turn_result',
    isError: false,
    subtype: 'success',
    terminalReason: null,
    text: null,
    turns: 6,
    durationMs: 41_200,
    costUsd: 0.0382,
  },
  { type: 'check', kind: 'check', name: 'npm test', round: 0, state: 'started' },
  { type: 'output', stream: 'stdout', text: '1 passed\n' },
  { type: 'check', kind: 'check', name: 'npm test', round: 0, state: 'passed', exitCode: 0, durationMs: 2100 },
  { type: 'change', branch: 'corch/000003-fix-the-sum', stat: { files: 2, additions: 2, deletions: 1 } },
  { type: 'exit', outcome: 'succeeded', code: 0, signal: null, text: '' },
  { type: 'status', status: 'succeeded', reason: null, text: null },
];

/** A transcript of `count` events, to see that size is no trouble. */
export function longTranscript(count: number): RunEvent[] {
  const bodies = Array.from({ length: count }, (_, index): MakeEvent => {
    const id = `l${Math.floor(index / 3)}`;
    if (index % 3 === 0) return { type: 'text', text: `Step ${index}: I look at file \`src/file-${index}.ts\`.` };
    if (index % 3 === 1) {
      return { type: 'tool_use', toolUseId: id, name: 'Bash', input: { command: `cat src/file-${index}.ts` } };
    }
    return { type: 'tool_result', toolUseId: id, isError: index % 50 === 2, text: `line of ${index}\n`.repeat(12) };
  });
  return makeEvents(bodies);
}

export const samplePatch = `diff --git a/src/sum.js b/src/sum.js
index 1111111..2222222 100644
--- a/src/sum.js
+++ b/src/sum.js
@@ -1,3 +1,3 @@
 export function sum(a, b) {
-  return a - b;
+  return a + b;
 }
diff --git a/docs/old name.md b/docs/new name.md
similarity index 92%
rename from docs/old name.md
rename to docs/new name.md
index 1111111..3333333 100644
--- a/docs/old name.md\t
+++ b/docs/new name.md\t
@@ -10,2 +10,3 @@ A heading
 One line.
+Another line, which is rather long so that a narrow window has to scroll it sideways instead of the whole page.
 The last line.
\\ No newline at end of file
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..4444444
Binary files /dev/null and b/logo.png differ
diff --git a/package-lock.json b/package-lock.json
index 5555555..6666666 100644
--- a/package-lock.json
+++ b/package-lock.json
@@ -1,2 +1,2 @@
 {
-  "version": "1.0.0",
+  "version": "1.0.1",
`;
