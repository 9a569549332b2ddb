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
import { trackSilentConnections } from './common/silent-connections.js';
import { StartError } from './common/start-error.js';
import type { Config } from './config.js';
import { createApp } from './http-app.js';

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
  const folder = await openDataFolder(config.dataDir);
  let app: NestFastifyApplication | undefined;
  try {
    app = await createApp({ config, logger, clock: Date.now });
    const closeSilent = trackSilentConnections(app.getHttpServer());
    const adminKey = await ensureAdminKey(config.dataDir, app.get(KeysService));
    await listen(app, config);
    const { base } = app.get(Address);
    const link = await app.get(SessionsService).createLink(adminKey.keyId);
    app.get(Lifecycle).state = 'ready';
    const running = app;
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
        await stop(running, closeSilent);
        await folder.release();
      },
    };
  } catch (error) {
    await app?.close();
    await folder.release();
    throw error;
  }
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
      return new StartError(
        'bad_config',
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
