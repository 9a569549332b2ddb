import { Controller, Inject, Req, Res } from '@nestjs/common';
import {
  routes,
  type CreatedEnrolment,
  type CreatedKey,
  type Enrolment,
  type Session,
  type SignInLink,
} from '@corch/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Changes } from '../changes/changes.js';
import { Address } from '../common/address.js';
import { AppError } from '../common/app-error.js';
import { Limits } from '../common/limits.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import type { CallerOf } from './caller.js';
import { EnrolmentsService } from './enrolments.service.js';
import { KeysService } from './keys.service.js';
import { clearSessionCookie, sessionCookie, setSessionCookie } from './session-cookie.js';
import { SessionsService } from './sessions.service.js';

/** Keys, sessions, links and enrolments. */
@Controller()
export class AccessController {
  constructor(
    @Inject(KeysService) private readonly keys: KeysService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(EnrolmentsService) private readonly enrolments: EnrolmentsService,
    @Inject(Address) private readonly address: Address,
    @Inject(Limits) private readonly limits: Limits,
    @Inject(Changes) private readonly changes: Changes,
  ) {}

  @Route(routes.listKeys)
  async listKeys() {
    return { data: await this.keys.list() };
  }

  @Route(routes.createKey)
  async createKey(@Input() input: InputOf<typeof routes.createKey>): Promise<CreatedKey> {
    const created = await this.keys.create(input.body);
    this.changes.changed('key', created.id);
    return created;
  }

  @Route(routes.revokeKey)
  async revokeKey(@Input() input: InputOf<typeof routes.revokeKey>): Promise<void> {
    await this.keys.revoke(input.params.keyId);
    this.changes.changed('key', input.params.keyId);
  }

  @Route(routes.createSignInLink)
  async createSignInLink(@From() caller: CallerOf<'user'>): Promise<SignInLink> {
    return this.sessions.createLink(await this.sessions.keyIdOf(caller));
  }

  @Route(routes.openSession)
  async openSession(
    @Input() input: InputOf<typeof routes.openSession>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    const { token, session } = await this.sessions.open(input.body).catch(async (error: unknown) => {
      if (error instanceof AppError) await this.limits.countFailure(request);
      throw error;
    });
    setSessionCookie(reply, token, this.address.isHttps(request));
    return session;
  }

  @Route(routes.readSession)
  async readSession(
    @From() caller: CallerOf<'user'>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    // The session lives 30 days from its last use, so its cookie must, too.
    const token = request.cookies[sessionCookie];
    if (token !== undefined && request.headers.authorization === undefined) {
      setSessionCookie(reply, token, this.address.isHttps(request));
    }
    return this.sessions.describe(caller);
  }

  @Route(routes.closeSession)
  async closeSession(@From() caller: CallerOf<'user'>, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.sessions.close(caller.id);
    clearSessionCookie(reply);
  }

  @Route(routes.createEnrolment)
  createEnrolment(@From() caller: CallerOf<'user'>): Promise<CreatedEnrolment> {
    return this.enrolments.create(caller.name);
  }

  @Route(routes.listEnrolments)
  async listEnrolments(): Promise<{ data: Enrolment[] }> {
    return { data: await this.enrolments.list() };
  }

  @Route(routes.revokeEnrolment)
  async revokeEnrolment(@Input() { params }: InputOf<typeof routes.revokeEnrolment>): Promise<void> {
    await this.enrolments.revoke(params.enrolmentId);
  }
}
