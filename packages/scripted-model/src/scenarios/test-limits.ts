import type { Scenario } from '../scenario.js';

const look = [{ name: 'Bash', input: { command: 'echo again', description: 'Say a word' } }];

/** Turns that run into a limit, and answers that have to follow a schema. */
export const limits: Scenario[] = [
  {
    name: 'endless-tools',
    title: 'An endless loop',
    description: 'Calls a tool in every answer and never ends; for the limit of turns.',
    steps: [{ text: 'Once more.', tools: look, times: 0 }],
  },
  {
    name: 'expensive',
    title: 'An expensive loop',
    description: 'Each answer uses 400,000 input and 20,000 output tokens and calls a tool; for the budget.',
    steps: [{ tools: look, usage: { input_tokens: 400_000, output_tokens: 20_000 }, times: 0 }],
  },
  {
    name: 'structured',
    title: 'A structured answer',
    description: 'Calls StructuredOutput with {"summary": "All is well.", "ok": true}.',
    steps: [
      { tools: [{ name: 'StructuredOutput', input: { summary: 'All is well.', ok: true } }] },
      { text: 'The answer is in the structure.', times: 0 },
    ],
  },
  {
    name: 'structured-never',
    title: 'No structured answer',
    description: 'Answers with text only, however often it is asked for the structure.',
    steps: [{ text: 'I prefer plain words.', times: 0 }],
  },
];
