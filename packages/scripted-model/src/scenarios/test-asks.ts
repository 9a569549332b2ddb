import type { Scenario } from '../scenario.js';

const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'Work' } });

/** Runs of the policy `ask`, which need a person. */
export const asks: Scenario[] = [
  {
    name: 'asks-twice',
    title: 'Two calls that need permission',
    description:
      'Writes asked.txt, then makes ran.txt by Bash; each has to be allowed. What is denied is gone on without.',
    steps: [
      {
        text: 'First a file.',
        tools: [{ name: 'Write', input: { file_path: '{{cwd}}/asked.txt', content: 'asked\n' } }],
      },
      { text: 'Then a command.', tools: [bash('touch ran.txt')] },
      { text: 'Both were asked for.' },
    ],
  },
  {
    name: 'asks-alike',
    title: 'Calls that are alike',
    description: 'Writes three files, one after the other.',
    steps: [
      { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/one.txt', content: '1\n' } }] },
      { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/two.txt', content: '2\n' } }] },
      { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/three.txt', content: '3\n' } }] },
      { text: 'Three files.' },
    ],
  },
  {
    name: 'asks-question',
    title: 'A question',
    description: 'Asks which colour and writes it down.',
    steps: [
      {
        text: 'I need to know something.',
        tools: [
          {
            name: 'AskUserQuestion',
            input: {
              questions: [
                {
                  question: 'Which colour?',
                  header: 'Colour',
                  multiSelect: false,
                  options: [
                    { label: 'Red', description: 'As now' },
                    { label: 'Blue', description: 'As the logo' },
                  ],
                },
              ],
            },
          },
        ],
      },
      { text: 'Blue it is.', whenToolResult: 'Blue' },
      { text: 'Not blue, then.' },
    ],
  },
  {
    name: 'asks-plan',
    title: 'A plan',
    description: 'Plans, asks to carry the plan out, and does so.',
    steps: [
      { text: 'Let me plan.', tools: [{ name: 'EnterPlanMode', input: {} }] },
      {
        text: 'Here it is.',
        tools: [{ name: 'ExitPlanMode', input: { plan: '# The plan\n\n1. Write planned.txt\n' } }],
      },
      { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/planned.txt', content: 'planned\n' } }] },
      { text: 'The plan is carried out.' },
    ],
  },
];
