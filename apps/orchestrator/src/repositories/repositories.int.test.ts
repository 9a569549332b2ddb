import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AddRepository, type ClaimedRun, type EditRepository, type SetSecret } from '@corch/contract';
import { SecretRow } from '../secrets/secret.entity.js';
import { SecretsService } from '../secrets/secrets.service.js';
import { TokensService } from '../auth/tokens.service.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { RepositoriesService } from './repositories.service.js';

const url = 'https://git.example.org/acme/api.git';
const value = 'a value that nobody sees';
const newKey = () => randomBytes(32).toString('base64');

describeOnEachEngine('repositories', (kind) => {
  let domain: Domain;
  beforeEach(async () => {
    domain = await openDomain(kind);
  });
  afterEach(() => domain.close());

  const repositories = (of = domain) => of.app.get(RepositoriesService);
  const secrets = (of = domain) => of.app.get(SecretsService);
  const add = (fields: Partial<AddRepository> = {}) =>
    repositories().add(AddRepository.parse({ name: 'api', url, ...fields }), 'admin');
  const edit = (fields: EditRepository) => repositories().edit('api', fields, 'admin');
  const set = (fields: Partial<SetSecret> = {}, name = 'token', of = domain) =>
    secrets(of).set('api', name, { value, ...fields }, 'admin');
  const keyFile = () => join(domain.dataDir, 'secret.key');
  const logText = () => JSON.stringify(domain.log);

  async function claimed(of = domain): Promise<ClaimedRun> {
    const [run] = await of.claim(await of.worker());
    if (run === undefined) throw new Error('nothing to claim');
    return run;
  }

  const ask = (run: ClaimedRun, use = 'git', token = run.runToken) =>
    domain.app.inject({ method: 'POST', url: `/api/v1/runs/${run.runId}/secrets/${use}`, headers: bearer(token) });

  describe('registering', () => {
    it('keeps one of a name and one of an address, and says which it is', async () => {
      await add();
      await expect(add({ url: 'https://other.example.org/x' })).rejects.toMatchObject({
        code: 'repository_exists',
        detail: 'There is a repository api already.',
      });
      await expect(add({ name: 'again', url: 'https://GIT.example.org/acme/api/' })).rejects.toMatchObject({
        code: 'repository_exists',
        detail: 'https://git.example.org/acme/api is registered already, as api.',
      });
    });

    it('of two admins at once one registers it, and both changes of different things stay', async () => {
      const both = await Promise.allSettled([add(), add()]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      await Promise.all([edit({ trusted: true }), edit({ defaultBranch: 'trunk' })]);
      expect(await repositories().read('api')).toMatchObject({ trusted: true, defaultBranch: 'trunk' });
    });

    it('says which name is alike', async () => {
      await add();
      await expect(repositories().read('apo')).rejects.toMatchObject({
        code: 'repository_not_found',
        detail: 'There is no repository apo; did you mean api?',
      });
      await expect(domain.submit({ repository: { name: 'apo' } })).rejects.toMatchObject({
        code: 'repository_unknown',
      });
    });

    it('leaves secrets at their server', async () => {
      await add();
      await set();
      await expect(edit({ url: 'https://evil.example.org/acme/api.git' })).rejects.toMatchObject({
        code: 'validation_failed',
      });
      expect((await edit({ url: 'https://git.example.org/acme/renamed.git' })).url).toContain('renamed');
      await expect(edit({ gitSecret: 'other' })).rejects.toMatchObject({ code: 'validation_failed' });
    });

    it('leaves secrets at the API that they were set for', async () => {
      const apiUrl = 'https://api.example.org/v3';
      await add();
      await edit({ apiUrl });
      await set();
      await expect(edit({ apiUrl: 'https://evil.example.org/v3' })).rejects.toMatchObject({
        code: 'validation_failed',
        detail: expect.stringContaining('another server than https://api.example.org'),
      });
      await expect(edit({ apiUrl: null })).rejects.toMatchObject({ code: 'validation_failed' });
      expect(await edit({ apiUrl: 'https://api.example.org/v4' })).toMatchObject({
        apiUrl: 'https://api.example.org/v4',
      });
      await domain.submit({ repository: { name: 'api' } });
      expect((await claimed()).repository).toMatchObject({ apiUrl: 'https://api.example.org/v4' });
    });

    it('is for admins; whoever may read sees it, without secrets', async () => {
      const submit = await domain.key('submit');
      const read = await domain.key('read');
      await add();
      await set();
      const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT', path: string, key: string, payload?: object) =>
        domain.app.inject({ method, url: `/api/v1/repositories${path}`, headers: bearer(key), payload });
      expect((await call('POST', '', submit, { name: 'x', url })).statusCode).toBe(403);
      expect((await call('PATCH', '/api', submit, { trusted: true })).statusCode).toBe(403);
      expect((await call('DELETE', '/api', submit)).statusCode).toBe(403);
      expect((await call('PUT', '/api/secrets/token', submit, { value })).statusCode).toBe(403);
      const seen = [
        await call('GET', '', read),
        await call('GET', '/api', read),
        await call('GET', '/api/secrets', read),
      ];
      expect(seen.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
      expect(seen.map(({ body }) => body).join('')).not.toContain(value);
      expect((await call('GET', `/${'x'.repeat(64)}`, read)).statusCode).toBe(404);
      expect((await call('GET', '/%C3%A4pi', read)).statusCode).toBe(404);
    });
  });

  describe('a task', () => {
    it('takes from the repository what it does not say itself', async () => {
      const defaults = { model: 'opus', timeoutSeconds: 60, labels: ['team=a'], permissionPolicy: 'plan' as const };
      await add({ defaultBranch: 'trunk', defaults });
      const task = await domain.submit({ repository: { name: 'api' }, timeoutSeconds: 7200 });
      expect(task).toMatchObject({ repositoryName: 'api', repository: { url }, ref: 'trunk', labels: ['team=a'] });
      expect(task.spec).toMatchObject({ model: 'opus', timeoutSeconds: 7200, permissionPolicy: 'plan' });
      const byUrl = await domain.submit({ repository: { url: 'https://git.example.org/acme/api' }, ref: 'v1' });
      expect(byUrl).toMatchObject({ repositoryName: 'api', ref: 'v1' });
      const other = await domain.submit({ repository: { url: 'https://git.example.org/acme/api2' } });
      expect(other).toMatchObject({ repositoryName: null, ref: null, labels: [] });
    });

    it('knows trust and secrets as they are at the claim', async () => {
      await add();
      await domain.submit({ repository: { name: 'api' } });
      await set();
      await edit({ trusted: true });
      const run = await claimed();
      expect(run.repository).toEqual({
        name: 'api',
        trusted: true,
        hasGitSecret: true,
        hasApiSecret: true,
        apiUrl: null,
      });
    });

    it('works on a branch by the template of the repository, and stays on it', async () => {
      await add({ branchTemplate: 'bot/{title}/{task}' });
      const task = await domain.submit({ repository: { name: 'api' }, title: 'Fix it' });
      const run = await claimed();
      const branch = `bot/fix-it/${task.id.slice(-6)}`;
      expect(run.branch).toBe(branch);
      await domain.leases.reportStart(run.runId, { epoch: run.epoch, branch, baseCommit: null });
      await edit({ branchTemplate: null });
      expect((await domain.tasks.read(task.id)).branch).toBe(branch);
      for (const template of ['bot/{title}', 'bot/{task}{nope}', '-{task}', '{task}..x', '{task}'.repeat(40)]) {
        expect(AddRepository.safeParse({ name: 'x', url, branchTemplate: template }).success).toBe(false);
      }
    });

    it('goes on without them when the repository is forgotten', async () => {
      await add();
      await set();
      const task = await domain.submit({ repository: { name: 'api' } });
      await repositories().remove('api', 'admin');
      const run = await claimed();
      expect(run).toMatchObject({ taskId: task.id, repository: null, spec: { repository: { url } } });
      expect((await ask(run)).json()).toMatchObject({ status: 404, code: 'secret_not_found' });
      expect((await domain.tasks.read(task.id)).repositoryName).toBe('api');
      expect(await domain.database.read.createQueryBuilder(SecretRow, 's').getCount()).toBe(0);
    });

    it('never gets the secrets of a name that was given to another address', async () => {
      await add();
      await domain.submit({ repository: { name: 'api' } });
      await edit({ url: 'https://git.example.org/acme/other.git' });
      await set();
      const run = await claimed();
      expect(run.repository).toBeNull();
      expect((await ask(run)).statusCode).toBe(404);
    });
  });

  describe('a secret', () => {
    it('is sealed with a key outside the database, and serves both uses when nothing is said', async () => {
      await add();
      expect(await set({ username: 'robot' })).toMatchObject({
        uses: ['git', 'api'],
        readable: true,
        username: 'robot',
      });
      expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
      const [row] = await domain.database.read.createQueryBuilder(SecretRow, 's').getMany();
      expect(row?.sealed).not.toContain(Buffer.from(value).toString('base64').slice(0, 8));
      await set({ value: 'another value', uses: ['api'] }, 'rest');
      expect(await repositories().read('api')).toMatchObject({ gitSecret: 'token', apiSecret: 'rest' });
      expect(logText()).not.toContain(value);
      expect(domain.log).toContainEqual(
        expect.objectContaining({ sentence: 'secret set', name: 'token', by: 'admin' }),
      );
    });

    it('goes to the worker that holds the run, in its epoch, and to nobody else', async () => {
      await add();
      await set();
      await domain.submit({ repository: { name: 'api' } });
      const run = await claimed();
      const answer = await ask(run);
      expect(answer.json()).toEqual({ username: 'x-access-token', value });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect((await ask(run, 'git', await domain.key('admin'))).statusCode).toBe(403);
      expect((await ask(run, 'shell')).statusCode).toBe(422);
      const old = domain.app
        .get(TokensService)
        .mintRunToken({ runId: run.runId, epoch: run.epoch + 1, workerId: 'worker_x' });
      expect((await ask(run, 'git', old)).json()).toMatchObject({ code: expect.stringMatching(/stale_lease|unauth/) });
      await domain.finish(run);
      expect((await ask(run)).json()).toMatchObject({ code: 'stale_lease' });
      expect(logText()).not.toContain(value);
    });

    it('cannot be moved to another repository in the database', async () => {
      await add();
      await set();
      await add({ name: 'other', url: 'https://git.example.org/acme/other' });
      await secrets().set('other', 'token', { value: 'worth nothing' }, 'admin');
      const rows = await domain.database.read.createQueryBuilder(SecretRow, 's').getMany();
      const [first, second] = rows;
      await domain.database.write((manager) =>
        manager
          .createQueryBuilder()
          .update(SecretRow)
          .set({ sealed: first?.sealed })
          .where({ repositoryId: second?.repositoryId })
          .execute(),
      );
      await domain.submit({ repository: { name: 'other' } });
      await domain.submit({ repository: { name: 'api' } });
      const codes = [(await ask(await claimed())).json<{ code?: string }>(), (await ask(await claimed())).json()];
      expect(codes).toContainEqual(expect.objectContaining({ code: 'secret_key_unfit' }));
    });

    it('is refused for git over ssh, where keys of the worker count', async () => {
      await add({ url: 'git@git.example.org:acme/api.git' });
      expect(await set()).toMatchObject({ uses: ['api'] });
      await expect(set({ uses: ['git'] })).rejects.toMatchObject({ code: 'validation_failed' });
    });
  });

  describe('a key that was lost', () => {
    it('is missed at once, never replaced in silence, and works again when it is back', async () => {
      await add();
      await set();
      renameSync(keyFile(), `${keyFile()}.lost`);
      expect(await secrets().list('api')).toMatchObject([{ readable: false }]);
      await expect(set({}, 'second')).rejects.toMatchObject({
        code: 'secret_key_unfit',
        detail: /api\/token .* missing/,
      });
      expect(existsSync(keyFile())).toBe(false);
      await domain.submit({ repository: { name: 'api' } });
      const run = await claimed();
      expect((await ask(run)).json()).toMatchObject({
        code: 'secret_key_unfit',
        hint: expect.stringContaining('SECRET_KEY'),
      });
      renameSync(`${keyFile()}.lost`, keyFile());
      expect((await ask(run)).json()).toMatchObject({ value });
    });

    it('can be given up: the secrets are removed and set anew', async () => {
      await add();
      await set();
      rmSync(keyFile());
      await secrets().remove('api', 'token', 'admin');
      await set();
      expect(await secrets().list('api')).toMatchObject([{ readable: true }]);
    });

    it('can move into SECRET_KEY, and another key is refused', async () => {
      await add();
      await set();
      const same = await openDomain(kind, { SECRET_KEY: readFileSync(keyFile(), 'utf8').trim() }, domain);
      const other = await openDomain(kind, { SECRET_KEY: newKey() }, domain);
      try {
        expect(await secrets(same).list('api')).toMatchObject([{ readable: true }]);
        await expect(set({}, 'second', other)).rejects.toMatchObject({
          code: 'secret_key_unfit',
          detail: /another one than this orchestrator has/,
        });
      } finally {
        await other.close();
        await same.close();
      }
    });
  });
});
