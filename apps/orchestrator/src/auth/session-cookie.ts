import type { FastifyReply } from 'fastify';
import { sessionMs } from './sessions.service.js';

export const sessionCookie = 'corch_session';

/** Sends the session cookie: not for scripts, not for other sites, and with https only for https. */
export function setSessionCookie(reply: FastifyReply, token: string, secure: boolean): void {
  void reply.setCookie(sessionCookie, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: sessionMs / 1000,
  });
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(sessionCookie, { path: '/' });
}
