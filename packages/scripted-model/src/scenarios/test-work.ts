import type { Scenario } from '../scenario.js';

/** Turns that work on files and programs. */
export const work: Scenario[] = [
  {
    name: 'one-turn',
    title: 'One turn',
    description: 'One short sentence and nothing else; for measuring what is around it.',
    steps: [{ text: 'This is one sentence.' }],
  },
  {
    name: 'edits',
    title: 'Success with edits',
    description: 'Writes a file, edits it, reads it back by Bash and ends with a text.',
    steps: [
      {
        text: 'Writing.',
        tools: [{ name: 'Write', input: { file_path: '{{cwd}}/notes.txt', content: 'one\ntwo\n' } }],
      },
      {
        tools: [{ name: 'Edit', input: { file_path: '{{cwd}}/notes.txt', old_string: 'two', new_string: 'three' } }],
      },
      { tools: [{ name: 'Bash', input: { command: 'cat notes.txt', description: 'Show the file' } }] },
      { text: 'Wrote notes.txt.', usage: { input_tokens: 1200, output_tokens: 40 } },
    ],
  },
  {
    name: 'edit-then-hang',
    title: 'An edit, then silence',
    description: 'Writes half.txt, then begins an answer that never ends; for what a cancel keeps.',
    steps: [
      { text: 'Half.', tools: [{ name: 'Write', input: { file_path: '{{cwd}}/half.txt', content: 'half\n' } }] },
      { text: 'Now the other half:', hang: 'stream', times: 0 },
    ],
  },
  {
    name: 'wait-for-go',
    title: 'Work that waits for a file',
    description:
      'Writes first.txt, waits by Bash until there is a file `go` beside it, and writes second.txt; for faults.',
    steps: [
      {
        text: 'The first part.',
        tools: [{ name: 'Write', input: { file_path: '{{cwd}}/first.txt', content: 'first\n' } }],
      },
      {
        text: 'Now I wait.',
        tools: [
          {
            name: 'Bash',
            input: {
              command: 'until [ -e go ]; do sleep 0.1; done; echo went',
              description: 'Wait for a file',
              timeout: 110_000,
            },
          },
        ],
      },
      {
        text: 'The second part.',
        tools: [{ name: 'Write', input: { file_path: '{{cwd}}/second.txt', content: 'second\n' } }],
      },
      { text: 'Both parts are written.' },
    ],
  },
  {
    name: 'parallel-tools',
    title: 'Parallel tool calls',
    description: 'Three tool calls in one answer.',
    steps: [
      {
        text: 'All at once.',
        tools: [
          { name: 'Write', input: { file_path: '{{cwd}}/left.txt', content: 'left\n' } },
          { name: 'Write', input: { file_path: '{{cwd}}/right.txt', content: 'right\n' } },
          { name: 'Bash', input: { command: 'echo middle', description: 'Say a word' } },
        ],
      },
      { text: 'All three are done.' },
    ],
  },
  {
    name: 'big-output',
    title: 'Big output',
    description: 'A tool result of over 1 MB and a final text of 300,000 characters.',
    steps: [
      { tools: [{ name: 'Bash', input: { command: 'seq 1 200000', description: 'Print many lines' } }] },
      { text: 'A long answer. '.repeat(20_000), chunkChars: 4000 },
    ],
  },
  {
    name: 'background-child',
    title: 'Children in sessions of their own',
    description:
      'Bash starts two children (setsid and nohup) that write their process ids to setsid.pid and nohup.pid, then waits.',
    steps: [
      {
        text: 'Starting.',
        tools: [
          {
            name: 'Bash',
            input: {
              // The parent of the first one ends at once, so that nothing but its environment tells where it came from.
              // Both end by themselves after ten minutes, should nobody end them.
              command:
                "sh -c 'setsid sleep 600 > /dev/null 2>&1 < /dev/null & echo $! > setsid.pid'; " +
                "nohup sh -c 'echo $$ > nohup.pid; exec sleep 600' > /dev/null 2>&1 < /dev/null & " +
                'echo started; sleep 100',
              description: 'Start two children and wait',
              timeout: 110_000,
            },
          },
        ],
      },
      { text: 'Waited.' },
    ],
  },
];
