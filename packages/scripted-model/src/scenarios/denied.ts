import type { Scenario } from '../scenario.js';

/** A request that the permission policy refuses. */
export const denied: Scenario = {
  name: 'denied',
  title: 'A refused permission',
  description: 'Asks to write outside its workspace, is refused and ends politely.',
  steps: [
    {
      text: 'I would like to keep a note beside the workspace, for the next session.',
      tools: [
        {
          name: 'Write',
          input: { file_path: '{{cwd}}/../note-for-next-time.txt', content: 'The demo was here.\n' },
        },
      ],
      chunkMs: 10,
    },
    {
      text:
        'I asked to write a file outside my workspace, which the permission policy of this run does not allow. I did ' +
        'not try another way, and nothing was changed.\n\n' +
        'If the note is wanted, allow the folder for this worker or ask me to write it inside the repository.',
      chunkMs: 10,
    },
  ],
};
