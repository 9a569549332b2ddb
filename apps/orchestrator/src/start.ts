import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { version } from '@corch/contract';
import { ensureAdminKey } from './auth/admin-key.js';
import { KeysService } from './auth/keys.service.js';
import { SessionsService } from './auth/sessions.service.js';
import { Address } from './common/address.js';
import { openDataFolder } from './common/data-folder.js';
import { Lifecycle } from './common/lifecycle.js';
import type { Logger } from './common/logger.js';
import type { ReadyMessage } from './common/parent.js';
import { Pulse } from './common/pulse.js';
import { armRacePoints } from './common/race-point.js';
import { trackSilentConnections } from './common/silent-connections.js';
import { CLOCK, LOGGER, type Clock } from './common/tokens.js';
import { StartError } from './common/start-error.js';
import type { Config } from './config.js';
import { Database, serverTimeAt } from './database/database.js';
import { ServerClock } from './database/server-clock.js';
import { createApp } from './http-app.js';
import { Instance } from './instances/instance.js';

export interface Running {
  readonly ready: ReadyMessage;
  /** Ends streams and parked claims, finishes requests (5 s at most), closes the database, gives the data folder back. */
  stop(): Promise<void>;
}

const finishMs = 5_000;

/**
 * Data folder → database → listen.
 * @throws StartError when something is missing that a person can mend.
 */
export async function start(config: Config, logger: Logger): Promise<Running> {
  armRacePoints(config.racePoints);
  const folder = await openDataFolder(config.dataDir);
  let app: NestFastifyApplication | undefined;
  let instance: Instance | null = null;
  try {
    const monotonic = () => performance.now();
    const serverClock = await readServerClock(config, monotonic);
    app = await createApp({ config, logger, clock: serverClock?.now ?? Date.now, monotonic });
    instance = await enter(app, config, serverClock);
    const closeSilent = trackSilentConnections(app.getHttpServer());
    const adminKey = await ensureAdminKey(config.dataDir, app.get(KeysService));
    await listen(app, config);
    const { base } = app.get(Address);
    const link = await app.get(SessionsService).createLink(adminKey.keyId);
    app.get(Lifecycle).state = 'ready';
    const running = app;
    const entered = instance;
    return {
      ready: {
        type: 'ready',
        url: base,
        apiDocsUrl: `${base}/api/docs`,
        adminKeyFile: adminKey.file,
        signInUrl: link.url,
        version,
      },
      stop: async () => {
        await entered?.leave();
        await stop(running, closeSilent);
        await folder.release();
      },
    };
  } catch (error) {
    await instance?.leave();
    await app?.close();
    await folder.release();
    throw error;
  }
}

/** Several orchestrators have to mean the same moment, whatever their machines say; so they follow their database. */
async function readServerClock(
  { databaseUrl, redisUrl }: Config,
  monotonic: () => number,
): Promise<ServerClock | null> {
  return redisUrl === undefined ? null : ServerClock.start(monotonic, () => serverTimeAt(databaseUrl));
}

/** SQLite belongs to whoever holds the data folder; a PostgreSQL database to whoever enters it. */
async function enter(
  app: NestFastifyApplication,
  config: Config,
  serverClock: ServerClock | null,
): Promise<Instance | null> {
  const database = app.get(Database);
  if (database.kind === 'sqlite') return null;
  return Instance.enter({
    database,
    clock: app.get<Clock>(CLOCK),
    isShared: config.redisUrl !== undefined,
    serverClock,
    pulse: app.get(Pulse),
    logger: app.get<Logger>(LOGGER),
    superseded: () => {
      // As with any error that nobody caught: the process ends, and whatever restarts it is told why.
      throw new Error('Another orchestrator took this database over while this one stood still.');
    },
  });
}

async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<void> {
  try {
    // Not app.listen(), which logs the error itself before it throws it.
    const fastify = app.getHttpAdapter().getInstance();
    await fastify.listen({ port, host });
  } catch (error) {
    throw listenError(error, host, port);
  }
  app.get(Address).listening((app.getHttpServer().address() as AddressInfo).port);
}

function listenError(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartError(
        'port_busy',
        `Port ${port} on ${host} is in use by another program.`,
        `Stop that program, or choose another port with PORT=${port + 1} (\`--port ${port + 1}\`).`,
        { cause: error },
      );
    case 'EACCES':
      return new StartError(
        'bad_config',
        `Port ${port} may not be used by this user: ports below 1024 belong to the system.`,
        'Choose a port from 1024 with PORT (`--port`).',
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      // Maybe not yet: an interface that comes up later.
      return new StartError(
        'host_missing',
        `HOST=${host} is no address of this machine.`,
        'Use 127.0.0.1 for this machine alone, or 0.0.0.0 for all its addresses.',
        { cause: error },
      );
    default:
      return error;
  }
}

async function stop(app: NestFastifyApplication, closeSilent: () => void): Promise<void> {
  const server = app.getHttpServer();
  // Again and again: clients whose streams end open new ones.
  const silence = setInterval(closeSilent, 100);
  const timer = setTimeout(() => server.closeAllConnections(), finishMs);
  try {
    await app.close();
  } finally {
    clearInterval(silence);
    clearTimeout(timer);
  }
}
