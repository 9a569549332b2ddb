// The mix of tasks that a soak submits.
import type { Scripts, Step } from '@corch/scripted-model';
import type { Work } from './load.js';
import type { Random } from './random.js';
import type { Witness, WitnessOptions } from './witness.js';

/** How often each kind of work is submitted. */
const weights = {
  short: 6,
  long: 3,
  strays: 2,
  failing: 1,
  oneAtATime: 2,
  twoAtATime: 2,
  later: 1,
  claude: 3,
  limited: 1,
} as const;

/** What a scripted Claude works on; the workers may clone it. */
export interface Places {
  readonly repository: string;
  readonly witness: Witness;
}

/** The pauses after failures; short, so that a soak of some minutes sees what follows. */
const backoff = { type: 'exponential', delayMs: 300, maxMs: 2000 } as const;

/** The next task. Every one of them ends by itself within half a minute. */
export function nextWork(random: Random, places: Places): Work {
  const kind = random.weighted(weights);
  const lines = random.whole(3, 12);
  const pauseSeconds = random.between(0.05, 0.3);
  const command = (options: Partial<WitnessOptions> = {}) => ({
    executor: 'command' as const,
    command: places.witness.command({ lines, pauseSeconds, ...options }),
    title: kind,
    backoff,
  });
  switch (kind) {
    case 'short':
      return { task: command(), fails: false };
    case 'long':
      return { task: command({ lines: random.whole(20, 60), pauseSeconds: 0.25 }), fails: false };
    case 'strays':
      return { task: command({ strays: true }), fails: false };
    case 'failing':
      return { task: { ...command({ code: 1 }), retries: 1 }, fails: true };
    case 'oneAtATime':
      return { task: { ...command(), concurrencyKey: 'one', concurrencyLimit: 1 }, fails: false };
    case 'twoAtATime':
      return { task: { ...command(), concurrencyKey: 'two', concurrencyLimit: 2 }, fails: false };
    case 'later': {
      const startAt = new Date(Date.now() + random.between(1000, 6000)).toISOString();
      return { task: { ...command(), startAt }, fails: false };
    }
    case 'claude':
    case 'limited': {
      const repository = { path: places.repository };
      const scenario = kind === 'claude' ? 'soak' : 'soak-limited';
      const task = { prompt: `Keep the notes [[scenario:${scenario}]]`, repository, title: kind, backoff };
      return { task, fails: false };
    }
  }
}

/** A plan that is used up, as a subscription is told; it resets soon. */
const limit: Step = {
  error: {
    status: 429,
    message: "This request would exceed your account's rate limit. Please try again later.",
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': '{{unixIn:4}}',
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
  },
};

/** What Claude does in a soak: it works as the witness does, changes a file twice and takes its time. */
export function soakScripts(witness: Witness): Scripts {
  const work = witness
    .command({ lines: 4, pauseSeconds: 0.3 })
    .map((word) => `'${word}'`)
    .join(' ');
  const shell = (command: string) => ({ name: 'Bash', input: { command, description: 'Do some work' } });
  const bash = shell(work);
  const file = '{{cwd}}/soak.txt';
  const begin: Step[] = [
    { text: 'I begin with some work, and then I keep the notes.', tools: [bash], chunkChars: 8, chunkMs: 60 },
  ];
  const goOn: Step[] = [
    { tools: [{ name: 'Write', input: { file_path: file, content: 'one\ntwo\n' } }] },
    { tools: [{ name: 'Edit', input: { file_path: file, old_string: 'two', new_string: 'three' } }] },
    { text: 'A little more work.', tools: [bash], chunkChars: 8, chunkMs: 60 },
    // A tool that a fault interrupted has done nothing; it looks, and does it again, as a model would.
    { tools: [shell('cat soak.txt')] },
    { whenToolResult: '^(?![^]*three)', tools: [shell("printf 'one\\nthree\\n' > soak.txt")] },
    { text: 'The notes are kept in soak.txt.' },
  ];
  return { soak: [...begin, ...goOn], 'soak-limited': [...begin, limit, ...goOn] };
}
