import type { Scenario } from '../scenario.js';

const code = `/** Minutes as text: 95 becomes "1 h 35 min". */
export function formatMinutes(minutes) {
  const hours = Math.round(minutes / 60);
  return hours > 0 ? \`\${hours} h \${minutes % 60} min\` : \`\${minutes} min\`;
}
`;

const check = `import assert from 'node:assert/strict';
import test from 'node:test';
import { formatMinutes } from './format-minutes.mjs';

test('less than an hour', () => assert.equal(formatMinutes(20), '20 min'));
test('more than an hour', () => assert.equal(formatMinutes(95), '1 h 35 min'));
`;

const runCheck = { command: 'node --test format-minutes.test.mjs', description: 'Run the check' };

/** A check that fails first. Works in any folder. */
export const repairedCheck: Scenario = {
  name: 'repaired-check',
  title: 'A failing check, repaired',
  description: 'Writes a function and its test, sees the test fail, repairs the function and sees it pass.',
  steps: [
    {
      text: 'I will write the function and a test for it.',
      tools: [
        { name: 'Write', input: { file_path: '{{cwd}}/format-minutes.mjs', content: code } },
        { name: 'Write', input: { file_path: '{{cwd}}/format-minutes.test.mjs', content: check } },
      ],
      chunkMs: 5,
    },
    { text: 'Now the test.', tools: [{ name: 'Bash', input: runCheck }], chunkMs: 10 },
    {
      text: '95 minutes became 2 hours: the hours are rounded and have to be cut off.',
      tools: [
        {
          name: 'Edit',
          input: {
            file_path: '{{cwd}}/format-minutes.mjs',
            old_string: 'Math.round(minutes / 60)',
            new_string: 'Math.floor(minutes / 60)',
          },
        },
      ],
      chunkMs: 10,
    },
    { text: 'Once more.', tools: [{ name: 'Bash', input: runCheck }], chunkMs: 10 },
    {
      text:
        'The test passes. It failed at first because the hours were rounded; now they are cut off, so 95 minutes are ' +
        '`1 h 35 min`.',
      chunkMs: 10,
    },
  ],
};
