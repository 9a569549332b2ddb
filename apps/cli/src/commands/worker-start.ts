import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from '../cli-error.js';
import { workerEnvironment } from '../config.js';
import type { Context } from '../context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { parseUrl } from '../parse/url.js';
import { parseList, parsePath, parsePaths, parseWhole } from '../parse/values.js';
import { runWorkerHere } from '../programs/worker-program.js';
import type { CommandModule } from './command.js';

interface Flags {
  url?: string;
  redisUrl?: string;
  redisPrefix?: string;
  dir?: string;
  name?: string;
  pool?: readonly string[];
  label?: readonly string[];
  concurrency?: number;
  allow?: readonly string[];
  allowRepository?: readonly string[];
  allowCommands?: boolean;
  demo?: boolean;
  claudeBin?: string;
  lostAfter?: number;
  drainGrace?: number;
  maxRuns?: number;
  exitIfIdle?: number;
  minFreeDisk?: number;
}

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--url <url>', 'the orchestrator to work for; the same as --server', parseUrl)
    .option('--redis-url <url>', 'in a trusted network: wait for work on its Redis, too (WORKER_REDIS_URL)')
    .option('--redis-prefix <prefix>', 'as REDIS_PREFIX of the orchestrator (WORKER_REDIS_PREFIX)')
    .option('--dir <dir>', 'the folder of this worker; one worker at a time uses it', parsePath)
    .option('--name <name>', 'the name it goes by; the host name when absent')
    .option('--pool <name>', 'a pool that it serves (repeat it)', parseList)
    .option('--label <label>', 'a label that it carries (repeat it)', parseList)
    .option('--concurrency <n>', 'how many runs at once', parseWhole(1, 1000))
    .option('--allow <path>', 'a folder whose repositories tasks may name by path (repeat it)', parsePaths)
    .option(
      '--allow-repository <pattern>',
      'addresses that repositories may be cloned from, such as github.com/acme/* or * (repeat it)',
      parseList,
    )
    .option('--allow-commands', 'run commands, not only Claude Code')
    .option('--demo', 'every task works with the scripted model')
    .option('--claude-bin <path>', 'your own Claude Code instead of the bundled one (CLAUDE_BIN)', parsePath)
    .option(
      '--lost-after <seconds>',
      'how long it may be away before its runs are given to others',
      parseWhole(1, 86_400),
    )
    .option(
      '--drain-grace <seconds>',
      'when it is stopped, how long its runs may go on before they are given back',
      parseWhole(0, 604_800),
    )
    .option('--max-runs <n>', 'leave when so many runs were taken and have ended', parseWhole(1, 1_000_000))
    .option(
      '--exit-if-idle <seconds>',
      'leave when there was nothing to do for so long; 0: as soon as nothing is in line',
      parseWhole(0, 604_800),
    )
    .option(
      '--min-free-disk <mb>',
      'with less free on its disk nothing new is taken; 0: never mind',
      parseWhole(0, 1_000_000_000),
    )
    .addHelpText(
      'after',
      '\nThe first Ctrl-C or SIGTERM drains the worker, the second ends everything at once; its runs go on elsewhere, or here later.' +
        '\n--token-file takes an enrolment token (from `corch worker enrol`), or the API key of an administrator, which makes one.' +
        '\nProxies are found in HTTPS_PROXY, HTTP_PROXY and NO_PROXY; --ca-file trusts a certificate authority of your own.',
    )
    .action((flags: Flags) => invocation.run((context) => start(context.at(flags.url), flags)));
};

async function start(context: Context, flags: Flags): Promise<ExitCode> {
  const { config, settings, terminal } = context;
  const inCwd = (path: string) => resolve(config.cwd, path);
  // `up` keeps its own worker in `worker`.
  const dir = flags.dir === undefined ? join(config.dataDir, 'workers', flags.name ?? hostname()) : inCwd(flags.dir);
  const repeated = (flag: string, values: readonly string[] = []) => values.flatMap((value) => [flag, value]);
  const single = (flag: string, value: string | number | undefined) =>
    value === undefined ? [] : [flag, String(value)];
  const args = [
    ...['start', '--url', settings.server, '--dir', dir],
    ...single('--ca-file', settings.caFile),
    ...single('--name', flags.name),
    ...single('--concurrency', flags.concurrency),
    ...single('--claude-bin', flags.claudeBin && inCwd(flags.claudeBin)),
    ...single('--lost-after', flags.lostAfter),
    ...single('--drain-grace', flags.drainGrace),
    ...single('--max-runs', flags.maxRuns),
    ...single('--exit-if-idle', flags.exitIfIdle),
    ...single('--min-free-disk', flags.minFreeDisk),
    ...repeated('--pool', flags.pool),
    ...repeated('--label', flags.label),
    ...repeated('--allow', flags.allow?.map(inCwd)),
    ...repeated('--allow-repository', flags.allowRepository),
    ...(flags.allowCommands ? ['--allow-commands'] : []),
    ...(flags.demo ? ['--demo'] : []),
  ];
  const environment = {
    ...workerEnvironment(config.environment),
    ...redisVariables(flags),
    ...(await credentials(context, dir)),
  };
  const code = await runWorkerHere(args, environment, config.cwd, terminal.signals);
  return code as ExitCode;
}

/** As variables: the address may hold a password, and lists of processes show command lines. */
export function redisVariables({ redisUrl, redisPrefix }: Pick<Flags, 'redisUrl' | 'redisPrefix'>) {
  // So they do of this process.
  if (redisUrl !== undefined) process.title = 'corch';
  return {
    ...(redisUrl !== undefined && { WORKER_REDIS_URL: redisUrl }),
    ...(redisPrefix !== undefined && { WORKER_REDIS_PREFIX: redisPrefix }),
  };
}

const own = ['WORKER_TOKEN', 'WORKER_TOKEN_FILE', 'WORKER_ENROL_TOKEN', 'WORKER_ENROL_TOKEN_FILE'] as const;

/** A worker that has its own token needs nothing; a new one needs an enrolment, which an administrator's key can make. */
export async function credentials(context: Context, dir: string): Promise<Record<string, string>> {
  const { token, server } = context.settings;
  if (token?.startsWith('corch_worker_')) return { WORKER_TOKEN: token };
  if (token?.startsWith('corch_enrol_')) return { WORKER_ENROL_TOKEN: token };
  // The worker reads these by itself.
  if (own.some((name) => Boolean(context.config.environment[name]))) return {};
  if (existsSync(join(dir, 'worker.json'))) return {};
  if (token === undefined) {
    throw new CliError(
      exitCodes.auth,
      `This worker is not enrolled at ${server}, and no key for it is known here.`,
      `On the machine of the orchestrator, \`${context.commandLine('worker enrol')}\` prints the line to type here. Or put the key of an administrator into a file for --token-file.`,
    );
  }
  const client = await context.client();
  return { WORKER_ENROL_TOKEN: (await client.createEnrolment()).token };
}
