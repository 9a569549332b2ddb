import type { Scenario, Step, StepError, ToolCall } from '../scenario.js';

const passing: Step = { text: 'Recovered.' };

const names: Record<number, string> = { 429: 'rate limit', 500: 'server error', 529: 'overload' };

const recovers = (status: 429 | 500 | 529): Scenario => ({
  name: `error-${status}-twice`,
  title: `${status} twice`,
  description: `Two answers of ${status} (${names[status]}), then success.`,
  steps: [{ error: { status }, times: 2 }, passing],
});

const always = (name: string, error: StepError, description: string): Scenario => ({
  name,
  title: description.replace(/\.$/, ''),
  description,
  steps: [{ error, times: 0 }],
});

/** What a plan without anything left is answered with. Claude Code speaks of a plan limit only with an OAuth token. */
const usedUp = (resetSeconds: number): StepError => ({
  status: 429,
  message: "This request would exceed your account's rate limit. Please try again later.",
  headers: {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': `{{unixIn:${resetSeconds}}}`,
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  },
});

const write = (name: string): ToolCall => ({
  name: 'Write',
  input: { file_path: `{{cwd}}/${name}`, content: `${name}\n` },
});

/** Errors of the API before the stream begins. */
export const apiErrors: Scenario[] = [
  recovers(429),
  recovers(500),
  recovers(529),
  always('error-429-always', { status: 429 }, 'Every request is answered with 429.'),
  always('error-500-always', { status: 500 }, 'Every request is answered with 500.'),
  always('error-529-always', { status: 529 }, 'Every request is answered with 529.'),
  always('error-400', { status: 400, message: 'messages: the request is malformed' }, 'An invalid request.'),
  always('error-401', { status: 401 }, 'A wrong API key.'),
  always('error-403', { status: 403 }, 'A key without permission.'),
  always('model-unknown', { status: 404, message: 'model: no-such-model' }, 'A model that does not exist.'),
  always(
    'billing',
    {
      status: 400,
      message:
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    },
    'An empty credit balance.',
  ),
  always(
    'prompt-too-long',
    { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
    'A conversation that does not fit into the context window.',
  ),
  always('usage-limit', usedUp(3600), 'A used-up plan that resets in an hour.'),
  {
    name: 'limit-until',
    title: 'A used-up plan, then success',
    description:
      'Writes a file, runs into a plan limit that resets two seconds later, once for each session; then writes another file and ends.',
    steps: [
      { text: 'The first half.', tools: [write('before.txt')] },
      { error: usedUp(2) },
      { text: 'The second half.', tools: [write('after.txt')] },
      { text: 'Both halves are done.' },
    ],
  },
  {
    name: 'limit-for-all',
    title: 'A plan that is used up for everybody',
    description:
      'The first three requests with the same prompt, whatever the session, run into a plan limit that resets eight seconds later; then a tool call and an end.',
    steps: [
      { error: usedUp(8), times: 3, countBy: 'prompt' },
      { text: 'The plan is open again.', tools: [write('done.txt')] },
      { text: 'Done.' },
    ],
  },
  {
    name: 'refused-then-good',
    title: 'A key that is refused, then a good one',
    description: 'Three answers of 401 for the same prompt, whatever the session; then success.',
    steps: [{ error: { status: 401 }, times: 3, countBy: 'prompt' }, passing],
  },
  {
    name: 'next-run-works',
    title: 'Six failures, then success',
    description: 'Six answers of 529 for the same prompt, whatever the session; then success, so a later run succeeds.',
    steps: [{ error: { status: 529 }, times: 6, countBy: 'prompt' }, passing],
  },
];
