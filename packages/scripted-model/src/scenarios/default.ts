import type { Scenario } from '../scenario.js';

const file = `# Hello from the demo

This file was written by the real Claude Code, which ran in its own workspace and followed a script instead of a model:
no account was used and nothing left this machine.

The task was:

> {{prompt}}

Sign in with \`claude auth login\`, or set \`ANTHROPIC_API_KEY\`, start again without \`--demo\`, and submit the same task:
then Claude really works on it.
`;

/** What a prompt without a marker gets: one harmless file. */
export const defaultScenario: Scenario = {
  name: 'default',
  title: 'A harmless change',
  description: 'Looks around, writes CORCH-DEMO.md and says how to sign in.',
  steps: [
    {
      text: 'I will look at what is here first.',
      tools: [
        {
          name: 'Bash',
          input: {
            command: 'git status --short --branch 2>/dev/null; ls -A',
            description: 'Show the state of the folder',
          },
        },
      ],
      chunkMs: 5,
    },
    {
      // Claude Code writes over a file only after it was read.
      whenToolResult: '(^|\\n)CORCH-DEMO\\.md(\\n|$)',
      text: 'There is a `CORCH-DEMO.md` already, so I will read it before I write it anew.',
      tools: [{ name: 'Read', input: { file_path: '{{cwd}}/CORCH-DEMO.md' } }],
    },
    {
      text: 'This is the demo model, so I will leave the existing files alone and only add a short note.',
      tools: [{ name: 'Write', input: { file_path: '{{cwd}}/CORCH-DEMO.md', content: file } }],
      chunkMs: 2,
    },
    {
      text: 'Let me check that the note arrived.',
      tools: [
        {
          name: 'Bash',
          input: { command: 'head -n 5 CORCH-DEMO.md', description: 'Show the start of the note' },
        },
      ],
    },
    {
      text:
        'I added `CORCH-DEMO.md` and changed nothing else.\n\n' +
        'This answer comes from the **demo model**: the real Claude Code ran here, but its answers were scripted, without ' +
        'an account and without network. To have Claude do the task, sign in with `claude auth login` (or set ' +
        '`ANTHROPIC_API_KEY`), start again without `--demo` and submit it again.',
      chunkMs: 5,
    },
  ],
};
