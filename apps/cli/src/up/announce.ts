import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Worker } from '@corch/contract';
import { loginText } from '../commands/worker-ls.js';
import type { HealthAnswer } from '../connection/probe.js';
import type { Context } from '../context.js';
import { count } from '../format/text.js';
import type { DataFolder } from './data-folder.js';

/** What there is to say once everything runs. */
export interface Running {
  readonly data: DataFolder;
  readonly health: HealthAnswer | undefined;
  /** Undefined with `--no-worker`. */
  readonly worker: Worker | undefined;
  readonly demo: boolean;
  readonly signInUrl: string;
  readonly apiDocsUrl: string;
  readonly opened: boolean;
  /** The first start on an empty database: the sample works by itself. */
  readonly sampleId: string | undefined;
}

/** The lines that `up` prints when it is ready. */
export function announcement(running: Running, context: Context): string[] {
  const { color } = context.output;
  const ok = color.green('✓');
  const failed = Object.entries(running.health?.checks ?? {}).filter(([, check]) => !check.ok);
  const checks = [
    `${ok} database ready${databaseName(running.health)}`,
    `${ok} dispatch ready (in-process)`,
    ...failed.map(([name, { detail }]) => `${color.red('✗')} ${name} ${detail}`),
  ];
  const label = (text: string) => `  ${color.dim(text.padEnd(10))} `;
  const opened = running.opened ? ' (opened)' : '';
  return [
    [`${ok} data ${running.data.path}`, ...checks].join('   '),
    ...workerLines(running, context),
    `${label('Dashboard')}${running.signInUrl}${opened}`,
    `${label('')}${color.dim('the link signs one browser in, once, within 10 minutes; another: ')}${context.commandLine('open')}`,
    `${label('API docs')}${running.apiDocsUrl}`,
    ...(running.sampleId === undefined
      ? []
      : [`${label('Sample')}works by itself: ${context.commandLine(`watch ${running.sampleId.slice(-6)}`)}`]),
    `${label('Try')}${context.commandLine(tryThis(running))}`,
    `${label('Stop')}Ctrl-C`,
  ];
}

function databaseName(health: HealthAnswer | undefined): string {
  const detail = health?.checks['database']?.detail ?? '';
  if (/^sqlite/i.test(detail)) return ' (SQLite)';
  return /^postgres/i.test(detail) ? ' (PostgreSQL)' : '';
}

function workerLines({ worker, demo }: Running, context: Context): string[] {
  const { color } = context.output;
  const warn = color.yellow('!');
  if (worker === undefined) return [`${warn} no worker: start one with ${context.commandLine('worker start')}`];
  const { claude, login } = worker;
  const version = claude.version === null ? 'no Claude Code' : `Claude Code ${claude.version}`;
  const facts = [`worker "${worker.name}" ${worker.state}`, count(worker.capacity, 'slot'), version];
  if (demo) return [`${color.green('✓')} ${[...facts, 'demo: every task works with the scripted model'].join(' · ')}`];
  if (claude.problem !== null) return [`${warn} ${facts.join(' · ')}`, `  ${context.localise(claude.problem)}`];
  if (login.kind !== 'none') return [`${color.green('✓')} ${[...facts, loginText(login)].join(' · ')}`];
  return [
    `${warn} ${[...facts, 'not signed in'].join(' · ')}`,
    `  To sign in: ${signInCommand(claude.path, context)}`,
    '  Or set ANTHROPIC_API_KEY and start again. Until then only demo tasks run.',
  ];
}

function tryThis({ worker, demo }: Running): string {
  const needsDemo = !demo && worker?.login.kind === 'none';
  return `run ${needsDemo ? '--demo ' : ''}"Explain this folder in 5 bullets" -w`;
}

/** The bundled Claude Code is on no PATH; named by its file it signs in just as well. */
function signInCommand(path: string, { config }: Context): string {
  const folders = (config.environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const program = folders.some((folder) => isProgram(join(folder, 'claude'))) ? 'claude' : path;
  return `${/\s/.test(program) ? JSON.stringify(program) : program} auth login`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
