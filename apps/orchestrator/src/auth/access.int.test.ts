import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreatedEnrolment, CreatedKey, Key, Session, SignInLink } from '@corch/contract';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { Database } from '../database/database.js';
import { ensureAdminKey } from './admin-key.js';
import { KeysService } from './keys.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { TokensService } from './tokens.service.js';
import { newToken } from './tokens.js';

const origin = 'http://localhost:80';
let asked = 0;

describeOnEachEngine('access', (kind) => {
  let test: TestApp;
  let admin: string;

  beforeAll(async () => {
    test = await openTestApp({ kind });
    admin = await test.key('admin');
  });
  afterAll(() => test.close());

  const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, headers: Record<string, string>, payload?: object) =>
    // From another address each time, so that failed sign-ins do not add up.
    test.app.inject({
      method,
      url: `/api/v1${url}`,
      headers,
      remoteAddress: `127.0.1.${++asked % 250}`,
      ...(payload === undefined ? {} : { payload }),
    });

  const createKey = async (body: object) => {
    const answer = await ask('POST', '/keys', bearer(admin), body);
    expect(answer.statusCode).toBe(201);
    return CreatedKey.parse(answer.json());
  };

  /** Signs a browser in and returns its cookie. */
  const signIn = async (by: object) => {
    const answer = await ask('POST', '/session', { origin, host: 'localhost:80' }, by);
    expect(answer.statusCode).toBe(201);
    const [cookie] = answer.cookies;
    return { cookie: `${cookie?.name}=${cookie?.value}`, answer };
  };

  describe('API keys', () => {
    it('are shown once, listed without their secret, and work at once', async () => {
      const created = await createKey({ name: 'ci', scope: 'read' });
      expect(created.key.startsWith(created.prefix)).toBe(true);
      const list = await ask('GET', '/keys', bearer(admin));
      expect(list.body).not.toContain(created.key);
      const listed = Key.array().parse(list.json<{ data: unknown }>().data);
      expect(listed.find(({ id }) => id === created.id)).toMatchObject({
        name: 'ci',
        scope: 'read',
        lastUsedAt: null,
        revokedAt: null,
      });
      const session = await ask('GET', '/session', bearer(created.key));
      expect(Session.parse(session.json())).toEqual({ name: 'ci', scope: 'read', expiresAt: null });
    });

    it('do what their scope says and no more', async () => {
      const { key } = await createKey({ name: 'reader', scope: 'read' });
      const answer = await ask('GET', '/keys', bearer(key));
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('admin') });
    });

    it('end when they are revoked, together with the sessions and links that they opened', async () => {
      const { id, key } = await createKey({ name: 'leaving', scope: 'admin' });
      const { cookie } = await signIn({ key });
      const { url } = SignInLink.parse((await ask('POST', '/sign-in-links', bearer(key))).json());
      expect((await ask('GET', '/session', { cookie })).statusCode).toBe(200);

      expect((await ask('DELETE', `/keys/${id}`, bearer(admin))).statusCode).toBe(204);
      expect((await ask('GET', '/session', bearer(key))).statusCode).toBe(401);
      expect((await ask('GET', '/session', { cookie })).statusCode).toBe(401);
      expect((await ask('POST', '/session', {}, { link: url.split('#link=')[1] })).json()).toMatchObject({
        code: 'link_used',
      });
      const listed = (await ask('GET', '/keys', bearer(admin))).json<{ data: Key[] }>().data;
      const revokedAt = listed.find((row) => row.id === id)?.revokedAt;
      expect(revokedAt).not.toBeNull();

      test.clock.now += 5_000;
      expect((await ask('DELETE', `/keys/${id}`, bearer(admin))).statusCode).toBe(204);
      const again = (await ask('GET', '/keys', bearer(admin))).json<{ data: Key[] }>().data;
      expect(again.find((row) => row.id === id)?.revokedAt).toBe(revokedAt);
    });

    it('end at their time, and must end in the future', async () => {
      const expiresAt = new Date(test.clock.now + 60_000).toISOString();
      const { key } = await createKey({ name: 'short', expiresAt });
      expect((await ask('GET', '/session', bearer(key))).json()).toMatchObject({ expiresAt, scope: 'submit' });
      const past = await ask('POST', '/keys', bearer(admin), { name: 'late', expiresAt: '2020-01-01T00:00:00.000Z' });
      expect(past.json()).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/expiresAt' }] });
      test.clock.now += 60_001;
      expect((await ask('GET', '/session', bearer(key))).statusCode).toBe(401);
    });

    it('note their last use, at most once a minute', async () => {
      const { id, key } = await createKey({ name: 'used' });
      const lastUse = async () => {
        const { data } = (await ask('GET', '/keys', bearer(admin))).json<{ data: Key[] }>();
        return data.find((row) => row.id === id)?.lastUsedAt;
      };
      const first = new Date(test.clock.now).toISOString();
      await ask('GET', '/session', bearer(key));
      while ((await lastUse()) === null);
      expect(await lastUse()).toBe(first);

      test.clock.now += 30_000;
      await ask('GET', '/session', bearer(key));
      test.clock.now += 31_000;
      const second = new Date(test.clock.now).toISOString();
      await ask('GET', '/session', bearer(key));
      while ((await lastUse()) === first);
      expect(await lastUse()).toBe(second);
    });

    it('are not known: 404', async () => {
      const answer = await ask('DELETE', `/keys/key_${'0'.repeat(26)}`, bearer(admin));
      expect(answer.json()).toMatchObject({ status: 404, code: 'key_not_found' });
    });
  });

  describe('sessions', () => {
    it('open by a link that works once', async () => {
      const made = SignInLink.parse((await ask('POST', '/sign-in-links', bearer(admin))).json());
      const link = made.url.split('/sign-in#link=')[1];
      const { cookie, answer } = await signIn({ link });
      expect(answer.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Strict$/);
      expect(answer.headers['set-cookie']).toMatch(/Max-Age=2592000; Path=\//);
      expect((await ask('GET', '/session', { cookie })).json()).toMatchObject({ name: 'test admin', scope: 'admin' });
      const second = await ask('POST', '/session', {}, { link });
      expect(second.json()).toMatchObject({ status: 401, code: 'link_used' });
    });

    it('of two that use a link at once, one gets in', async () => {
      const made = SignInLink.parse((await ask('POST', '/sign-in-links', bearer(admin))).json());
      const link = made.url.split('#link=')[1];
      const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/session', {}, { link })));
      expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 401, 401]);
    });

    it('do not open by a link of more than 10 minutes', async () => {
      const made = SignInLink.parse((await ask('POST', '/sign-in-links', bearer(admin))).json());
      test.clock.now += 600_001;
      expect((await ask('POST', '/session', {}, { link: made.url.split('#link=')[1] })).json()).toMatchObject({
        code: 'link_used',
      });
    });

    it('live 30 days from their last use', async () => {
      const { cookie } = await signIn({ key: admin });
      const expiry = async () => (await ask('GET', '/session', { cookie })).json<Session>().expiresAt;
      const first = await expiry();
      test.clock.now += 20 * 86_400_000;
      while ((await expiry()) === first);
      test.clock.now += 20 * 86_400_000;
      expect((await ask('GET', '/session', { cookie })).statusCode).toBe(200);
      test.clock.now += 31 * 86_400_000;
      expect((await ask('GET', '/session', { cookie })).statusCode).toBe(401);
    });

    it('live on from the later of two uses, whichever is noted first', async () => {
      const { cookie } = await signIn({ key: admin });
      const session = () => ask('GET', '/session', { cookie });
      await session();
      const [, token = ''] = /=([^;]+)/.exec(cookie) ?? [];
      const live = await test.app.get(SessionsService).findLive(decodeURIComponent(token));
      if (live === null) throw new Error('no session');
      const { id } = live.session;
      const rows = test.app.get(SessionsRepository);
      const later = test.clock.now + 86_400_000;
      await rows.touch(id, later, later + 86_400_000);
      await rows.touch(id, later - 1_000, later - 500);
      expect((await session()).json<Session>().expiresAt).toBe(new Date(later + 86_400_000).toISOString());
    });

    it('change things only from our own pages', async () => {
      const { cookie } = await signIn({ key: admin });
      const host = 'localhost:80';
      const create = (headers: Record<string, string>) => ask('POST', '/sign-in-links', { cookie, host, ...headers });
      expect((await create({ origin })).statusCode).toBe(201);
      expect((await create({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(201);
      expect((await create({ origin: 'https://evil.example' })).json()).toMatchObject({
        status: 403,
        code: 'origin_refused',
      });
      expect((await create({})).json()).toMatchObject({ status: 403, code: 'origin_refused' });
      const signInElsewhere = await ask('POST', '/session', { origin: 'https://evil.example', host }, { key: admin });
      expect(signInElsewhere.json()).toMatchObject({ code: 'origin_refused' });
    });

    it('end by signing out, which also takes the cookie away', async () => {
      const { cookie } = await signIn({ key: admin });
      const answer = await ask('DELETE', '/session', { cookie, origin, host: 'localhost:80' });
      expect(answer.statusCode).toBe(204);
      expect(answer.headers['set-cookie']).toMatch(/^corch_session=;/);
      expect((await ask('GET', '/session', { cookie })).statusCode).toBe(401);
    });
  });

  describe('tokens of workers and runs', () => {
    it('enrol one worker once, within the hour', async () => {
      const { token } = CreatedEnrolment.parse((await ask('POST', '/enrolments', bearer(admin))).json());
      expect((await ask('GET', '/keys', bearer(token))).json()).toMatchObject({ status: 403, code: 'forbidden' });
      test.clock.now += 3_600_001;
      expect((await ask('GET', '/keys', bearer(token))).json()).toMatchObject({ status: 401 });
    });

    it('are spent by one of two, and not after their time', async () => {
      const database = test.app.get(Database);
      const tokens = test.app.get(TokensService);
      await ask('POST', '/enrolments', bearer(admin));
      const { EnrolmentRow } = await import('./enrolment.entity.js');
      const rows = await database.read.createQueryBuilder(EnrolmentRow, 'e').orderBy('e.createdAt', 'DESC').getMany();
      const [fresh, old] = rows;
      const spend = (id: string | undefined) => database.write((manager) => tokens.spendEnrolment(manager, id ?? ''));
      expect(await Promise.all([spend(fresh?.id), spend(fresh?.id)]).then((won) => won.toSorted())).toEqual([
        false,
        true,
      ]);
      expect(await spend(old?.id)).toBe(false);
    });

    it('of a worker open nothing of people, and stop when it is removed', async () => {
      const database = test.app.get(Database);
      const tokens = test.app.get(TokensService);
      const workerId = `worker_${'0'.repeat(26)}`;
      const token = await database.write((manager) => tokens.mintWorkerToken(manager, workerId));
      expect((await ask('GET', '/keys', bearer(token))).statusCode).toBe(403);
      await database.write((manager) => tokens.revokeWorkerTokens(manager, workerId));
      expect((await ask('GET', '/keys', bearer(token))).statusCode).toBe(401);
    });

    it('of a run open nothing of people, and stop when its worker is removed', async () => {
      const database = test.app.get(Database);
      const tokens = test.app.get(TokensService);
      const workerId = `worker_${'1'.repeat(26)}`;
      const token = tokens.mintRunToken({ runId: `run_${'0'.repeat(26)}`, epoch: 1, workerId });
      expect((await ask('GET', '/keys', bearer(token))).statusCode).toBe(401);
      await database.write((manager) => tokens.mintWorkerToken(manager, workerId));
      expect((await ask('GET', '/keys', bearer(token))).statusCode).toBe(403);
      expect((await ask('GET', '/keys', bearer(`${token.slice(0, -2)}xx`))).statusCode).toBe(401);
      await database.write((manager) => tokens.revokeWorkerTokens(manager, workerId));
      expect((await ask('GET', '/keys', bearer(token))).statusCode).toBe(401);
    });

    it('that enrol are listed without their secret, and can be revoked before they are used', async () => {
      const made = CreatedEnrolment.parse((await ask('POST', '/enrolments', bearer(admin))).json());
      const list = await ask('GET', '/enrolments', bearer(admin));
      expect(list.body).not.toContain(made.token);
      const { token: _, url, ...listed } = made;
      expect(url).toBeNull();
      expect(list.json<{ data: unknown[] }>().data).toContainEqual(listed);
      const revoke = () => ask('DELETE', `/enrolments/${made.id}`, bearer(admin));
      expect((await revoke()).statusCode).toBe(204);
      expect((await revoke()).json()).toMatchObject({ status: 404, code: 'enrolment_not_found' });
      const used = await ask('POST', '/workers/enrol', bearer(made.token), { name: 'late' });
      expect(used.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect((await ask('GET', '/enrolments', bearer(admin))).body).not.toContain(made.id);
    });
  });

  describe('admin.key', () => {
    it('is written once for its owner only, and again when it was lost or revoked', async () => {
      const keys = test.app.get(KeysService);
      const first = await ensureAdminKey(test.dataDir, keys);
      expect(first.file).toBe(join(test.dataDir, 'admin.key'));
      expect((await stat(first.file)).mode & 0o777).toBe(0o600);
      const secret = (await readFile(first.file, 'utf8')).trim();
      expect((await ask('GET', '/keys', bearer(secret))).statusCode).toBe(200);

      expect(await ensureAdminKey(test.dataDir, keys)).toEqual(first);
      await keys.revoke(first.keyId);
      const second = await ensureAdminKey(test.dataDir, keys);
      expect(second.keyId).not.toBe(first.keyId);
      await rm(second.file);
      expect((await ensureAdminKey(test.dataDir, keys)).keyId).not.toBe(second.keyId);
    });
  });
});

describe('without credentials', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await openTestApp();
  });
  afterAll(() => test.close());

  it('says what is missing, and how to sign in', async () => {
    const answer = await test.app.inject({ url: '/api/v1/keys' });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(answer.json()).toMatchObject({ code: 'unauthenticated', hint: expect.stringContaining('Bearer') });
    const basic = await test.app.inject({ url: '/api/v1/keys', headers: { authorization: 'Basic eDp5' } });
    expect(basic.json()).toMatchObject({ code: 'unauthenticated', detail: expect.stringContaining('Bearer') });
  });

  it('slows failed sign-ins down per address, and lets a right key in all the same', async () => {
    const wrong = () =>
      test.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        payload: { key: newToken('key') },
        remoteAddress: '127.0.0.9',
      });
    const codes: number[] = [];
    for (let i = 0; i < 12; i++) codes.push((await wrong()).statusCode);
    expect(codes).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const refused = await wrong();
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const right = await test.app.inject({
      url: '/api/v1/session',
      headers: bearer(await test.key('read')),
      remoteAddress: '127.0.0.9',
    });
    expect(right.statusCode).toBe(200);
  });
});
