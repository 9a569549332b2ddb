import { buggyLine, fixedLine } from '../sample-repository.js';
import type { Scenario } from '../scenario.js';

/** Fixes the bug of the sample repository. */
export const cleanFix: Scenario = {
  name: 'clean-fix',
  title: 'A clean fix',
  description: 'On the sample repository: reads a file, fixes the bug in it and runs the tests.',
  steps: [
    {
      thinking: 'Amounts are formatted in one place only, so the missing zero should be there.',
      text: 'Amounts become text in `src/money.js`, so I will read that first.',
      tools: [{ name: 'Read', input: { file_path: '{{cwd}}/src/money.js' } }],
      chunkMs: 10,
    },
    {
      text:
        '`cents % 100` is a number, so 5 cents are printed as `5` and not as `05`. The remainder has to be padded to ' +
        'two digits.',
      tools: [
        {
          name: 'Edit',
          input: { file_path: '{{cwd}}/src/money.js', old_string: buggyLine, new_string: fixedLine },
        },
      ],
      chunkMs: 10,
    },
    {
      text: 'Now the tests.',
      tools: [{ name: 'Bash', input: { command: 'node --test', description: 'Run the tests' } }],
      chunkMs: 10,
    },
    {
      text:
        'Fixed: receipts print `12.05` again.\n\n' +
        '- **Cause:** `formatCents` joined the whole part and the cents without padding, so every amount with less than ten cents ' +
        'lost a zero.\n' +
        '- **Change:** the cents are padded to two digits in `src/money.js`.\n' +
        '- **Check:** `node --test` passes.',
      chunkMs: 10,
    },
  ],
};
