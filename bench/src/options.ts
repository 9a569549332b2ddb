import { parseArgs } from 'node:util';
import type { Store } from '@corch/e2e/store';

/** How much is measured, and of what. */
export interface Options {
  readonly seconds: number;
  readonly workers: readonly number[];
  readonly modes: readonly Store[];
  readonly peers: boolean;
  /** Where CPU profiles of the orchestrators go. */
  readonly profile: string | undefined;
  /** How many workers wait. */
  readonly fleet: number;
  /** How many tasks lie in the database. */
  readonly stored: number;
  readonly pairs: number;
  readonly tasks: number;
  readonly idleSeconds: number;
  /** How many files the repository has. */
  readonly files: number;
  /** How often each way is measured. */
  readonly rounds: number;
  /** How long memory is watched. */
  readonly minutes: number;
}

/** @returns the name of the bench and its options, from the command line */
export function readOptions(args: readonly string[]): { name: string; options: Options } {
  const { values, positionals } = parseArgs({
    // A package manager hands `--` on.
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '10' },
      workers: { type: 'string', default: '1,8,32' },
      modes: { type: 'string', default: 'sqlite,postgres,redis' },
      'no-peers': { type: 'boolean', default: false },
      profile: { type: 'string' },
      fleet: { type: 'string', default: '1000' },
      stored: { type: 'string', default: '1000000' },
      pairs: { type: 'string', default: '20' },
      tasks: { type: 'string', default: '100' },
      'idle-seconds': { type: 'string', default: '30' },
      files: { type: 'string', default: '10000' },
      rounds: { type: 'string', default: '7' },
      minutes: { type: 'string', default: '1' },
    },
  });
  return {
    name: positionals[0] ?? 'stack',
    options: {
      seconds: number('seconds', values.seconds),
      workers: values.workers.split(',').map((text) => number('workers', text)),
      modes: values.modes.split(',').map(mode),
      peers: !values['no-peers'],
      profile: values.profile,
      fleet: number('fleet', values.fleet),
      stored: number('stored', values.stored),
      pairs: number('pairs', values.pairs),
      tasks: number('tasks', values.tasks),
      idleSeconds: number('idle-seconds', values['idle-seconds']),
      files: number('files', values.files),
      rounds: number('rounds', values.rounds),
      minutes: number('minutes', values.minutes),
    },
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} is ${text}; it takes numbers above 0.`);
}

function mode(text: string): Store {
  if (text === 'sqlite' || text === 'postgres' || text === 'redis') return text;
  throw new Error(`--modes has ${text}; choose from sqlite, postgres, redis.`);
}
