import { Controller, Inject, Module, type DynamicModule } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { routes } from '@corch/contract';
import { AuthModule } from '../auth/auth.module.js';
import { SettingRow } from '../settings/setting.entity.js';
import { ChangesModule } from '../changes/changes.module.js';
import { Database } from '../database/database.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { Meters } from '../metrics/meters.js';
import { DatabaseModule } from '../database/database.module.js';
import { describeOnEachEngine } from '../testing/databases.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';
import { AppError } from './app-error.js';
import { CommonModule, type Surroundings } from './common.module.js';
import { Idempotent, type IdempotencySlot } from './idempotency.js';
import { IdempotencyService } from './idempotency.service.js';
import { Input, Route, type InputOf } from './route.js';

/** What happens in the handler, and how often it was called. */
const scene = { calls: 0, before: async () => {}, after: async () => {} };

/** Stores a setting per submit, so that the rows say how often something was done. */
@Controller()
class Submits {
  constructor(@Inject(Database) private readonly database: Database) {}

  @Route(routes.submitTask)
  async submit(
    @Input() input: InputOf<typeof routes.submitTask>,
    @Idempotent() slot: IdempotencySlot,
  ): Promise<unknown> {
    const call = ++scene.calls;
    if (slot.resourceId !== null) return this.answer(slot.resourceId);
    await scene.before();
    const id = `done ${call}`;
    await this.database.write(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(SettingRow)
        .values({ id, value: input.body.prompt ?? '' })
        .execute();
      await slot.commit(manager, id);
    });
    await scene.after();
    return this.answer(id);
  }

  private async answer(id: string): Promise<unknown> {
    const row = await this.database.read.createQueryBuilder(SettingRow, 's').where({ id }).getOneOrFail();
    return { id, prompt: row.value };
  }
}

@Module({})
class SubmitsModule {
  static with(surroundings: Surroundings): DynamicModule {
    const lenient = { ...surroundings, config: { ...surroundings.config, checkAnswers: false } };
    return {
      module: SubmitsModule,
      imports: [CommonModule.with(lenient), DatabaseModule, JobsModule, ChangesModule, AuthModule],
      controllers: [Submits],
      providers: [Meters],
    };
  }
}

describeOnEachEngine('Idempotency-Key', (kind) => {
  let test: TestApp;
  let key: string;
  let made = 0;

  beforeAll(async () => {
    test = await openTestApp({ kind, module: (surroundings) => SubmitsModule.with(surroundings) });
    key = await test.key('submit');
  });
  afterAll(() => test.close());
  beforeEach(() => void Object.assign(scene, { before: async () => {}, after: async () => {} }));

  const submit = (idempotencyKey: string, prompt = 'hello', as = key) =>
    test.app.inject({
      method: 'POST',
      url: '/api/v1/tasks',
      headers: { ...bearer(as), 'idempotency-key': idempotencyKey },
      payload: { prompt },
    });
  const newKey = () => `key-${++made}`;
  const stored = (prompt: string) =>
    test.app.get(Database).read.createQueryBuilder(SettingRow, 's').where({ value: prompt }).getCount();

  it('repeats the first answer', async () => {
    const id = newKey();
    const first = await submit(id, 'once');
    expect(first.statusCode).toBe(202);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const second = await submit(id, 'once');
    expect(second.statusCode).toBe(202);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(second.json()).toEqual(first.json());
    expect(await stored('once')).toBe(1);
  });

  it('refuses another request with the same key, and keeps callers apart', async () => {
    const id = newKey();
    await submit(id, 'mine');
    expect((await submit(id, 'changed')).json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    const theirs = await submit(id, 'theirs', await test.key('submit'));
    expect(theirs.headers['idempotent-replayed']).toBeUndefined();
    expect(theirs.json()).toMatchObject({ prompt: 'theirs' });
  });

  it('forgets after 24 hours', async () => {
    const id = newKey();
    await submit(id, 'old');
    test.clock.now += 86_400_001;
    expect((await submit(id, 'new')).json()).toMatchObject({ prompt: 'new' });
  });

  it('says of a repeat that comes too soon that the first is under way', async () => {
    const id = newKey();
    let second: Awaited<ReturnType<typeof submit>> | undefined;
    scene.before = async () => {
      second = await submit(id, 'slow');
    };
    expect((await submit(id, 'slow')).statusCode).toBe(202);
    expect(second?.json()).toMatchObject({ status: 409, code: 'idempotency_in_flight', retryable: true });
    expect(second?.headers['retry-after']).toBe('1');
  });

  it('does once what ten ask for at once', async () => {
    const id = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit(id, 'crowd')));
    expect(answers.filter(({ statusCode }) => statusCode === 202).length).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ statusCode }) => statusCode === 202 || statusCode === 409)).toBe(true);
    expect(await stored('crowd')).toBe(1);
  });

  it('lets a request that failed be made again, also with a mended body', async () => {
    const id = newKey();
    expect((await submit(id, ' ')).statusCode).toBe(422);
    expect((await submit(id, 'mended')).statusCode).toBe(202);
    const other = newKey();
    scene.before = () => Promise.reject(new AppError('pool_unknown', 'no'));
    expect((await submit(other, 'again')).statusCode).toBe(422);
    scene.before = async () => {};
    expect((await submit(other, 'again')).statusCode).toBe(202);
    expect(await stored('again')).toBe(1);
  });

  it('answers with what was stored when only the answer was lost', async () => {
    const id = newKey();
    scene.after = () => Promise.reject(new Error('died behind the commit'));
    expect((await submit(id, 'kept')).statusCode).toBe(500);
    scene.after = async () => {};
    const again = await submit(id, 'kept');
    expect(again.statusCode).toBe(202);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(await stored('kept')).toBe(1);
    expect((await submit(id, 'kept')).json()).toEqual(again.json());
  });

  it('hands the place of a process that died to the next, and what the dead one had stored with it', async () => {
    const service = test.app.get(IdempotencyService);
    const request = { callerId: 'key_x', routeName: 'submitTask', key: newKey(), content: {} };
    const dead = await service.acquire(request);
    await expect(service.acquire(request)).rejects.toMatchObject({ code: 'idempotency_in_flight' });
    test.clock.now += 15_001;
    const next = await service.acquire(request);
    expect(next).toMatchObject({ state: 'first', slot: { resourceId: null } });

    const database = test.app.get(Database);
    // The dead one was only slow: it must not store anything any more.
    if (dead.state !== 'first' || next.state !== 'first') throw new Error('unreachable');
    await expect(database.write((manager) => dead.slot.commit(manager, 'x'))).rejects.toMatchObject({
      code: 'idempotency_in_flight',
    });
    await database.write((manager) => next.slot.commit(manager, 'task_1'));
    test.clock.now += 15_001;
    expect(await service.acquire(request)).toMatchObject({ state: 'first', slot: { resourceId: 'task_1' } });
  });

  it('holds no place for hours after the clock was set back', async () => {
    const service = test.app.get(IdempotencyService);
    const request = { callerId: 'key_x', routeName: 'submitTask', key: newKey(), content: {} };
    await service.acquire(request);
    test.clock.now -= 3_600_000;
    expect(await service.acquire(request)).toMatchObject({ state: 'first' });
    await expect(service.acquire(request)).rejects.toMatchObject({ code: 'idempotency_in_flight' });
  });

  it('takes no key that cannot stand in a header, and works without one', async () => {
    expect((await submit('x'.repeat(201))).json()).toMatchObject({ status: 422, code: 'validation_failed' });
    const without = () =>
      test.app.inject({ method: 'POST', url: '/api/v1/tasks', headers: bearer(key), payload: { prompt: 'twice' } });
    await without();
    await without();
    expect(await stored('twice')).toBe(2);
  });
});
