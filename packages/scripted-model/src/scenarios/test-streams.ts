import type { Scenario } from '../scenario.js';

/** Streams that break, stop or never begin. */
export const brokenStreams: Scenario[] = [
  {
    name: 'stream-error',
    title: 'An error in the stream',
    description: 'An SSE error event after the start of the stream, then success.',
    steps: [{ streamError: { type: 'overloaded_error', message: 'Overloaded' } }, { text: 'Recovered.' }],
  },
  {
    name: 'socket-dropped',
    title: 'A dropped connection',
    description: 'The connection is cut in the middle of the stream, then success.',
    steps: [{ text: 'This sentence never comes to its end.', dropAfter: 4 }, { text: 'Recovered.' }],
  },
  {
    name: 'hang-headers',
    title: 'No answer',
    description: 'No request is ever answered.',
    steps: [{ hang: 'headers', times: 0 }],
  },
  {
    name: 'hang-stream',
    title: 'A stream that stops',
    description: 'The stream stops after its first words and stays open.',
    steps: [{ text: 'I am about to say something and then', hang: 'stream', times: 0 }],
  },
];
