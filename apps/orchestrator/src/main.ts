// The program: configuration → start → ready message → stop; or configuration → undo migrations.
import { version } from '@corch/contract';
import { closeTelemetry, openTelemetry } from '@corch/telemetry';
import { readConfig } from './config.js';
import { createLogger, formatLine, redact } from './common/logger.js';
import { onStop, tellParent } from './common/parent.js';
import { StartError } from './common/start-error.js';

/** Of a start that another try cannot mend; service managers know it (deploy/pm2, deploy/systemd). The worker's is the same. */
const wrongConfiguration = 2;
/** How long a process that has to end at once may take to say why, where somebody is to be told. */
const lastWordsMs = 1_000;

async function main(): Promise<void> {
  // Prompts, transcripts and the secret of run tokens are in the database: its files are for this user alone, whatever the folder.
  process.umask(0o077);
  const config = readConfig();
  const logger = createLogger(config.logLevel);
  let isCrashing = false;
  const crash = (sentence: string) => (error: unknown) => {
    // When nobody reads standard error any more, saying so is the next error, without end.
    if (isCrashing) process.exit(1);
    isCrashing = true;
    logger.error(sentence, { error });
    // State that nobody understands any more is worse than a restart: the database has everything.
    void closeTelemetry(lastWordsMs).finally(() => process.exit(1));
  };
  process.on('unhandledRejection', crash('a promise was rejected and nobody cared'));
  process.on('uncaughtException', crash('an error was thrown and nobody caught it'));

  if (config.undoMigrations !== undefined) {
    const { undo } = await import('./undo.js');
    return undo(config, config.undoMigrations, logger);
  }

  const { telemetry: settings } = config;
  await openTelemetry({ settings, service: 'corch-orchestrator', version, redact, logger });

  let stopRequested: string | undefined;
  let stop = (why: string) => {
    stopRequested = why;
  };
  onStop((why) => stop(why));

  // Loaded only now: a wrong variable is said at once.
  const { start } = await import('./start.js');
  const running = await start(config, logger);
  stop = (why) => {
    logger.info('stopping', { why });
    running.stop().then(async () => {
      logger.info('stopped');
      await closeTelemetry();
      process.exit(0);
    }, crash('stopping failed'));
  };
  if (stopRequested !== undefined) return stop(stopRequested);
  const { signInUrl, ...line } = running.ready;
  if (await tellParent(running.ready)) logger.info('ready', line);
  else logger.info('ready', { ...line, signIn: `run \`corch open\`, or use the key in ${line.adminKeyFile}` });
}

async function fail(error: unknown): Promise<void> {
  const known =
    error instanceof StartError
      ? error
      : new StartError(
          'start_failed',
          `The orchestrator could not start: ${error instanceof Error ? error.message : String(error)}.`,
          'Read the log above; if it stays, report it with these lines.',
        );
  if (known !== error) process.stderr.write(`${formatLine({ level: 'error', message: 'start failed', error })}\n`);
  process.stderr.write(`${known.message} ${known.hint}\n`);
  await tellParent({ type: 'failed', code: known.code, message: known.message, hint: known.hint });
  process.exit(known.code === 'bad_config' ? wrongConfiguration : 1);
}

main().catch(fail);
