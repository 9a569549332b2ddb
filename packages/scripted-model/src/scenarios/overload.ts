import type { Scenario } from '../scenario.js';

/** An overloaded API that recovers. */
export const overload: Scenario = {
  name: 'overload',
  title: 'An overload that recovers',
  description: 'The API answers 529 "Overloaded" twice; Claude Code waits, tries again and finishes.',
  steps: [
    {
      text: 'I will look at the folder.',
      tools: [{ name: 'Bash', input: { command: 'ls -A', description: 'List the folder' } }],
      chunkMs: 5,
    },
    { error: { status: 529 }, times: 2 },
    {
      text: 'The API was overloaded for a moment. It has recovered, so I can go on.',
      tools: [
        {
          name: 'Write',
          input: {
            file_path: '{{cwd}}/OVERLOAD.md',
            content: '# Overload\n\nThe API refused two requests with 529. The third one was answered.\n',
          },
        },
      ],
      chunkMs: 5,
    },
    { text: 'Done: two requests were refused, nothing was lost, and `OVERLOAD.md` says so.', chunkMs: 5 },
  ],
};
