#!/usr/bin/env node
// `worker start`, `worker doctor` and `worker gc`. With an IPC channel the parent is told how the start went and may ask for a stop.
import { version } from '@corch/contract';
import { closeTelemetry, openTelemetry } from '@corch/telemetry';
import { Command, Option } from 'commander';
import { processEnvironment, readConfig, type StartFlags, type WorkerConfig } from './config.js';
import { collectHere, gcText, type GcFlags } from './disk/gc-command.js';
import { examine } from './doctor.js';
import { messageOf, stackOf } from './error-facts.js';
import { createLogger, type Logger } from './logger.js';
import { connectParent } from './parent.js';
import { armRacePoints } from './race-point.js';
import { Redactor, secretsOf } from './redact.js';
import { StartError } from './start-error.js';
import { Worker, type WorkerEnd } from './worker.js';

/** 1: it could not start; 2: the command line or a variable is wrong; 4: the orchestrator refuses it. As in the CLI's table. */
const exitCodes = { start: 1, usage: 2, refused: 4 };

const refusals: readonly StartError['code'][] = ['not_authenticated', 'worker_outdated', 'orchestrator_outdated'];

/** Two signals within this time are one keypress: npm passes on what its child got from the terminal already. */
const sameMs = 500;

/** How long a process that has to end at once may take to say why, where somebody is to be told. */
const lastWordsMs = 1_000;

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];

function addSettings(command: Command): Command {
  return command
    .option('--url <url>', 'where the orchestrator is (WORKER_URL)')
    .option('--token-file <file>', 'a file with the worker token (WORKER_TOKEN_FILE)')
    .option('--enrol-token-file <file>', 'a file with an enrolment token (WORKER_ENROL_TOKEN_FILE)')
    .option('--ca-file <file>', 'certificate authorities to trust beside those of Node, PEM (CORCH_CA_FILE)')
    .option('--redis-url <url>', 'in a trusted network: wait for work on its Redis, too (WORKER_REDIS_URL)')
    .option('--redis-prefix <prefix>', "as the orchestrator's REDIS_PREFIX (WORKER_REDIS_PREFIX, default corch)")
    .option('--dir <dir>', "the worker's folder (WORKER_DIR, default DATA_DIR/worker)")
    .option('--name <name>', 'the name it goes by (WORKER_NAME, default the host name)')
    .option('--pool <name>', 'serve this pool; may be repeated (WORKER_POOLS)', collect)
    .option('--label <label>', 'carry this label; may be repeated (WORKER_LABELS)', collect)
    .option('--concurrency <n>', 'runs at once (WORKER_CONCURRENCY, default 2)')
    .option('--allow <path>', 'allow repositories below this folder; may be repeated (WORKER_ALLOW)', collect)
    .option(
      '--allow-repository <pattern>',
      'allow repositories whose address fits, such as github.com/acme/* or *; may be repeated (WORKER_ALLOW_REPOSITORIES)',
      collect,
    )
    .option('--allow-commands', 'run commands (WORKER_ALLOW_COMMANDS)')
    .option('--no-allow-commands', 'run no commands (default)')
    .option('--demo', 'use the scripted model for everything; no login is looked at (WORKER_DEMO)')
    .option('--claude-bin <path>', 'use this Claude Code (CLAUDE_BIN)')
    .option(
      '--lost-after <seconds>',
      'how long it may be away before its runs are given to others (WORKER_LOST_AFTER_SECONDS)',
    )
    .option(
      '--drain-grace <seconds>',
      'when it is stopped, how long its runs may go on before they are given back (WORKER_DRAIN_GRACE_SECONDS, default 25)',
    )
    .option('--max-runs <n>', 'leave when so many runs were taken and have ended (WORKER_MAX_RUNS)')
    .option(
      '--exit-if-idle <seconds>',
      'leave when there was nothing to do for so long; 0: as soon as nothing is in line (WORKER_EXIT_IF_IDLE_SECONDS)',
    )
    .option(
      '--min-free-disk <mb>',
      'with less free on its disk nothing new is taken; 0: never mind (WORKER_MIN_FREE_MB, default 1000)',
    );
}

/** Commander sets `allowCommands` only when one of the two flags is given: an Option without a default. */
function program(): Command {
  const main = new Command('worker').description('Runs tasks with Claude Code.').version(version);
  addSettings(main.command('start').description('Start the worker and keep it running.')).action(
    async (flags: StartFlags) => {
      process.exitCode = await start(flags);
    },
  );
  addSettings(main.command('doctor').description('Check what this machine has for a worker.'))
    .addOption(new Option('--json', 'print JSON'))
    .action(async (flags: StartFlags & { json?: boolean }) => {
      process.exitCode = await doctor(flags, flags.json === true);
    });
  main
    .command('gc')
    .description('Remove workspaces and mirrors that nothing is lost with.')
    .option('--dir <dir>', "the worker's folder (WORKER_DIR, default DATA_DIR/worker)")
    .option('--dry-run', 'only say what would be removed')
    .option('--unkept', 'also workspaces with work that is kept nowhere else')
    .option('--json', 'print JSON')
    .action(async (flags: StartFlags & GcFlags) => {
      process.exitCode = await gc(flags);
    });
  return main;
}

async function gc(flags: StartFlags & GcFlags): Promise<number> {
  try {
    const config = readConfig({ ...(flags.dir !== undefined && { dir: flags.dir }) }, processEnvironment());
    const rows = await collectHere(config, flags, new AbortController().signal);
    process.stdout.write(gcText(config.dir, rows, flags));
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return exitCodes.start;
  }
}

async function start(flags: StartFlags): Promise<number> {
  const parent = connectParent();
  let config: WorkerConfig;
  try {
    config = readConfig(flags, processEnvironment());
  } catch (error) {
    return failStart(error, parent);
  }
  armRacePoints(config.racePoints);
  const secrets = [config.token, config.enrolToken].filter((token) => token !== undefined);
  const redactor = new Redactor([...secretsOf({ ...config.environment, url: config.redisUrl }), ...secrets]);
  // Lists of processes show what stood on the command line, and the address may hold a password.
  if (flags.redisUrl !== undefined) process.title = 'corch-worker';
  const redact = (text: string) => redactor.text(text);
  const logger = createLogger(config.logLevel, redact);
  endOnCrash(logger);
  await openTelemetry({ settings: config.telemetry, service: 'corch-worker', version, redact, logger });
  const worker = new Worker(config, logger);
  listenForStop(worker, parent);
  try {
    parent.ready(await worker.start());
  } catch (error) {
    if (!worker.isStopping) {
      await closeTelemetry();
      return failStart(error, parent);
    }
  }
  const end = await worker.ended;
  const isSent = await closeTelemetry();
  const code = leave(end, parent);
  if (!isSent) process.exit(code);
  return code;
}

/** State that nobody understands any more is worse than a restart, at which the runs go on from what is on disk. */
function endOnCrash(logger: Logger): void {
  let isCrashing = false;
  const crash = (sentence: string) => (error: unknown) => {
    // When nobody reads standard error any more, saying so is the next error, without end.
    if (isCrashing) process.exit(exitCodes.start);
    isCrashing = true;
    logger.error(sentence, { error });
    void closeTelemetry(lastWordsMs).finally(() => process.exit(exitCodes.start));
  };
  process.on('unhandledRejection', crash('a promise was rejected and nobody cared'));
  process.on('uncaughtException', crash('an error was thrown and nobody caught it'));
}

/** One that was removed ended as it was told: a service manager shall not start it again. */
function leave(end: WorkerEnd, parent: ReturnType<typeof connectParent>): number {
  parent.close();
  if (end.reason === 'stopped') return 0;
  process.stderr.write(`${end.reason === 'refused' ? end.message : removed}\n`);
  return end.reason === 'refused' ? exitCodes.refused : 0;
}

const removed =
  'This worker was removed by an administrator. It has ended what it ran, which goes on elsewhere. ' +
  'To have it back, make an enrolment with `corch worker enrol` and start it with the line that this prints.';

/**
 * The first signal drains, the second ends everything at once. What a parent says is said once however many signals reached this
 * process meanwhile. A parent that died stops the worker, and its runs go on at the next start.
 */
function listenForStop(worker: Worker, parent: ReturnType<typeof connectParent>): void {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const kill = () => void worker.kill().finally(() => process.exit(exitCodes.start));
  let firstAt: number | undefined;
  const onSignal = () => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt > sameMs) return kill();
    firstAt ??= now;
    void worker.drain(say);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  parent.on((asked) => {
    if (asked === 'kill') return kill();
    // A signal that comes after it is no first one.
    if (asked === 'stop') firstAt ??= performance.now();
    void (asked === 'drain' ? worker.drain(say) : worker.stop());
  });
}

function failStart(error: unknown, parent: ReturnType<typeof connectParent>): number {
  if (error instanceof StartError) {
    process.stderr.write(`${error.message} ${error.hint}\n`);
    parent.failed(error.code, error.message, error.hint);
  } else {
    process.stderr.write(`The worker did not start: ${stackOf(error)}\n`);
    parent.failed('internal', messageOf(error), 'Read the log of the worker.');
  }
  parent.close();
  if (!(error instanceof StartError)) return exitCodes.start;
  if (error.code === 'bad_config') return exitCodes.usage;
  return refusals.includes(error.code) ? exitCodes.refused : exitCodes.start;
}

async function doctor(flags: StartFlags, asJson: boolean): Promise<number> {
  try {
    const report = await examine(readConfig(flags, processEnvironment()));
    const lines = report.checks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`);
    process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : `${lines.join('\n')}\n`);
    return report.ok ? 0 : exitCodes.start;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message} ${error.hint}\n`);
    return exitCodes.usage;
  }
}

await program().parseAsync();
