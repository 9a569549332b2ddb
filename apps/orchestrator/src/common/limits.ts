// How often somebody may ask, per minute. Counted in this process only.
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { Config } from '../config.js';
import { AppError } from './app-error.js';
import { CONFIG } from './tokens.js';

const windowMs = 60_000;
/** Wrong keys and links per address and minute. Guessing 256 random bits is hopeless; this keeps the log and the database quiet. */
const failuresPerMinute = 10;
/** Workers report every quarter of a second for each run. */
const workerFactor = 10;

type Counter = ReturnType<FastifyInstance['createRateLimit']>;

/** Counts requests and failed sign-ins. */
@Injectable()
export class Limits {
  private requests: Counter | undefined;
  private failures: Counter | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Takes its counters from the server, which must have the plugin @fastify/rate-limit. */
  attach(fastify: FastifyInstance): void {
    const perMinute = this.config.rateLimitPerMinute;
    this.requests = fastify.createRateLimit({
      timeWindow: windowMs,
      max: (request) => (isMachine(request.caller) ? perMinute * workerFactor : perMinute),
      keyGenerator: (request) => `request ${identity(request)}`,
    });
    this.failures = fastify.createRateLimit({
      timeWindow: windowMs,
      max: failuresPerMinute,
      keyGenerator: (request) => `failure ${request.ip}`,
    });
  }

  /**
   * Counts a request of somebody who is known (or of an address, on public routes) and says on the reply what is left.
   * @throws AppError `rate_limited`.
   */
  async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const limit = await this.requests?.(request);
    if (limit === undefined || limit.isAllowed) return;
    const { max, remaining, ttlInSeconds } = limit;
    void reply.headers({
      'ratelimit-policy': `"minute";q=${max};w=${windowMs / 1000}`,
      ratelimit: `"minute";r=${remaining};t=${ttlInSeconds}`,
      'x-ratelimit-limit': max,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': ttlInSeconds,
    });
    if (limit.isExceeded) throw tooMany(`More than ${max} requests in a minute.`, ttlInSeconds);
  }

  /**
   * Counts a failed sign-in. A right key is accepted at any time, so nobody is locked out by a neighbour.
   * @throws AppError `rate_limited` instead of the failure itself.
   */
  async countFailure(request: FastifyRequest): Promise<void> {
    const limit = await this.failures?.(request);
    if (limit === undefined || limit.isAllowed || !limit.isExceeded) return;
    throw tooMany(`More than ${failuresPerMinute} failed sign-ins in a minute from your address.`, limit.ttlInSeconds);
  }
}

function identity({ caller, ip }: FastifyRequest): string {
  switch (caller?.kind) {
    case undefined:
      return `ip ${ip}`;
    case 'worker':
      return `worker ${caller.workerId}`;
    case 'run':
      return `run ${caller.runId}`;
    case 'user':
    case 'enrolment':
      return `${caller.kind} ${caller.id}`;
  }
}

function isMachine(caller: Caller | undefined): boolean {
  return caller?.kind === 'worker' || caller?.kind === 'run';
}

function tooMany(detail: string, retryAfterSeconds: number): AppError {
  return new AppError('rate_limited', detail, { retryAfterSeconds: Math.max(1, retryAfterSeconds) });
}
