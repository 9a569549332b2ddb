import type { Scenario, Step } from '../scenario.js';

// One token every 160 ms: about 240 characters and a tool call are 12 s. Four such parts and a shorter end are a minute.
const pace = { chunkChars: 4, chunkMs: 160 };

const part = (text: string, command: string): Step => ({
  text,
  tools: [{ name: 'Bash', input: { command, description: 'Take a short look' } }],
  ...pace,
});

/** Long enough to watch, to cancel and to interrupt. */
export const slow: Scenario = {
  name: 'slow',
  title: 'A slow one',
  description: 'Streams slowly through five steps for about a minute; good for trying cancel.',
  steps: [
    part(
      'I will go through this folder slowly, so that there is time to watch me, to open this run in a second window, or ' +
        'to cancel it. Nothing will be changed. I begin with a list of the files that lie at the top level of the ' +
        'folder.',
      'ls -A',
    ),
    part(
      'That was the first look. Whatever I say is kept as soon as it is said, so closing the window loses nothing: the ' +
        'next one that opens shows everything from the start. Now I want to know how the folder is called and where it ' +
        'lies.',
      'pwd',
    ),
    part(
      'Half of the way. Should you cancel now, Claude Code is asked to stop first, then told to, and whatever it started ' +
        'ends with it; the transcript so far stays readable. Meanwhile I take a look at the clock, to see how time ' +
        'goes by.',
      'date',
    ),
    part(
      'Almost there. One more look at the files, to be sure that they are still the same: I have only read so far, and ' +
        'I am going to leave everything as I found it. After this list I have one last thing to say, and then I am at ' +
        'the end.',
      'ls -A',
    ),
    {
      text:
        'That was the slow scenario. It took about a minute, looked around four times and changed nothing. Start it ' +
        'again and cancel it half-way, to see the difference.',
      ...pace,
    },
  ],
};
