// Puts the HTTP server together: Nest on Fastify, with what every request passes.
import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { Authenticator } from './auth/authenticator.js';
import { AppError } from './common/app-error.js';
import { acceptedRequestId, installAccessLog } from './common/access-log.js';
import { serveApiDocs } from './common/api-docs.js';
import { commonBodyLimit, installBodyParsers } from './common/body-parsers.js';
import type { Surroundings } from './common/common.module.js';
import { serveDashboard } from './common/dashboard.js';
import { installGate } from './common/gate.js';
import { newId } from './common/ids.js';
import { Lifecycle } from './common/lifecycle.js';
import { Limits } from './common/limits.js';
import { nestLogger } from './common/logger.js';
import { problemType, toAppError, toProblem } from './common/problem.js';
import { pathOf } from './common/request-path.js';
import { installRequestScope } from './common/request-scope.js';
import { RequestWindows } from './common/request-windows.js';
import { traceRequests } from './common/trace-requests.js';
import type { Config } from './config.js';
import { measureRequests } from './metrics/measure-requests.js';
import { Meters } from './metrics/meters.js';
import { serveQueueBoard } from './redis/queue-board.js';
import type { RedisLink } from './redis/redis-link.js';
import { REDIS } from './redis/redis.module.js';
import { WorkersService } from './workers/workers.service.js';

/** The application with everything but a port; it does not listen yet. */
export async function createApp(
  surroundings: Surroundings,
  module: DynamicModule = AppModule.with(surroundings),
): Promise<NestFastifyApplication> {
  const { config, logger } = surroundings;
  const adapter = createAdapter(config);
  const fastify = adapter.getInstance<FastifyInstance>();
  // Before any route is known, since Nest has no place for Fastify's own route options.
  fastify.addHook('onRoute', (route) => {
    if (route.config?.row !== undefined) route.bodyLimit = route.config.row.bodyLimit ?? commonBodyLimit;
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  installBodyParsers(fastify);
  installRequestScope(fastify);
  installAccessLog(fastify, logger);
  measureRequests(fastify, app.get(Meters));
  await fastify.register(helmet, helmetOptions(config));
  await fastify.register(cookie);
  await fastify.register(rateLimit, { global: false, store: RequestWindows });
  const limits = app.get(Limits);
  limits.attach(fastify);
  installGate(fastify, { config, limits, authenticator: app.get(Authenticator), lifecycle: app.get(Lifecycle) });
  traceRequests(fastify);
  const poolNames = async () => (await app.get(WorkersService).poolRows()).map(({ name }) => name);
  await serveQueueBoard(fastify, app.get<RedisLink | null>(REDIS), poolNames);
  await serveDashboard(fastify, config.dashboardDir);
  serveApiDocs(app, fastify);
  await app.init();
  return app;
}

function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    // Nothing here is Express middleware.
    skipMiddie: true,
    bodyLimit: commonBodyLimit,
    genReqId: (request: IncomingMessage) =>
      acceptedRequestId(request.headers['x-request-id']) ?? newId('req', Date.now()),
    trustProxy: config.trustedProxy ?? false,
    // What the router itself refuses (a path that is no valid UTF-8) passes no hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const known = 'code' in error && error.code === 'FST_ERR_BAD_URL' ? badPath() : toAppError(error);
      const problem = toProblem(known, request.id, pathOf(request.url));
      const answer = reply.status(problem.status).header('x-request-id', request.id).type(problemType);
      void answer.send(JSON.stringify(problem));
    },
    // While it stops, the gate answers as everybody else does.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Time to receive a request whole: a slow upload of 100 MB may take its time, but nothing may trickle for ever.
    requestTimeout: 1_800_000,
    http: { headersTimeout: 20_000, keepAliveTimeout: 65_000 },
  });
}

function badPath(): AppError {
  return new AppError('route_not_found', 'The path is not valid UTF-8 in percent encoding.');
}

function helmetOptions(config: Config) {
  const isHttps = config.publicUrl?.startsWith('https:') === true;
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // Swagger UI and syntax colours set styles on elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isHttps,
    referrerPolicy: { policy: 'no-referrer' as const },
    frameguard: { action: 'deny' as const },
    // Isolating the page from other origins' windows only works, and only makes sense, with https.
    crossOriginOpenerPolicy: isHttps,
    originAgentCluster: isHttps,
  };
}
