// What every request passes before its body is read: Host, Origin, who it is, whether it may, and how often.
import { errorRow, type Access } from '@corch/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkAccess } from '../auth/access-rules.js';
import type { Authenticator, Credentials } from '../auth/authenticator.js';
import { sessionCookie } from '../auth/session-cookie.js';
import type { Config } from '../config.js';
import { AppError } from './app-error.js';
import type { Lifecycle } from './lifecycle.js';
import type { Limits } from './limits.js';
import { checkHost, checkOrigin, type Provenance } from './origin-rules.js';

export interface GateKeepers {
  readonly config: Config;
  readonly authenticator: Authenticator;
  readonly lifecycle: Lifecycle;
  readonly limits: Limits;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Installs the gate. It is a hook of Fastify and no guard of Nest, since guards run after the body was read: a stranger could make
 * the process hold megabytes per connection.
 */
export function installGate(fastify: FastifyInstance, { config, authenticator, lifecycle, limits }: GateKeepers): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { row, access = row?.access } = request.routeOptions.config;
    // Probes come by address, from a load balancer that knows no name; they tell nothing worth stealing.
    if (row?.tag === 'health' && row.access === 'public') return;
    if (lifecycle.state === 'stopping') {
      void reply.header('connection', 'close');
      throw new AppError('unavailable', 'The orchestrator is stopping.', { retryAfterSeconds: 1 });
    }
    checkHost(request.host, config);
    if (access === undefined) return;
    if (needsOrigin(request, access)) checkOrigin(provenance(request), config.publicUrl);
    if (access !== 'public') {
      request.caller = await identify(request, reply);
      checkAccess(access, request.caller, runIdOf(request));
      request.isStillAllowed = () => isStillAllowed(request, access);
    }
    await limits.count(request, reply);
  });

  /** A store that does not answer is no reason to end a stream. */
  async function isStillAllowed(request: FastifyRequest, access: Exclude<Access, 'public'>): Promise<boolean> {
    try {
      checkAccess(access, await authenticator.identify(credentials(request)), runIdOf(request));
      return true;
    } catch (error) {
      return !(error instanceof AppError && errorRow(error.code).status < 500);
    }
  }

  async function identify(request: FastifyRequest, reply: FastifyReply) {
    try {
      return await authenticator.identify(credentials(request));
    } catch (error) {
      // A wrong token may be a guess; no token, or a session that has ended, is none.
      if (request.headers.authorization === undefined) await limits.count(request, reply);
      else if (error instanceof AppError) await limits.countFailure(request);
      throw error;
    }
  }
}

function credentials(request: FastifyRequest): Credentials {
  return { authorization: request.headers.authorization, cookie: request.cookies[sessionCookie] };
}

/** Requests that a page of somebody else could make a browser send in the name of its user. */
function needsOrigin(request: FastifyRequest, access: Access): boolean {
  if (safeMethods.has(request.method) || request.headers.authorization !== undefined) return false;
  // Signing in carries no cookie yet; when a page sends it, it must be ours all the same.
  return access === 'public' ? request.headers.origin !== undefined : request.cookies[sessionCookie] !== undefined;
}

function provenance(request: FastifyRequest): Provenance {
  const site = request.headers['sec-fetch-site'];
  return {
    origin: request.headers.origin,
    secFetchSite: typeof site === 'string' ? site : undefined,
    ownOrigin: `${request.protocol}://${request.host}`,
  };
}

function runIdOf(request: FastifyRequest): string | undefined {
  const { runId } = request.params as { runId?: string };
  return runId;
}
