import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { PreviewTask } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';
import { PreviewService } from './preview.service.js';

describeOnEachEngine('a task that is not submitted yet', (kind) => {
  let domain: Domain;
  beforeEach(async () => {
    domain = await openDomain(kind);
  });
  afterEach(() => domain.close());

  const preview = (asked: PreviewTask) =>
    domain.app.get(PreviewService).preview(PreviewTask.parse(asked), Object.keys(asked));

  it('is told who would take it, by the rules of the claim', async () => {
    expect(await preview({})).toMatchObject({ ready: 0, reason: 'no_worker', ahead: 0, workers: [] });
    const small = await domain.worker({ name: 'small', capacity: 1 });
    await domain.worker({ name: 'gpu', labels: ['gpu'] });
    expect(await preview({ requirements: ['gpu'] })).toMatchObject({
      ready: 1,
      reason: null,
      workers: [
        { name: 'gpu', obstacle: null },
        { name: 'small', obstacle: 'does not carry gpu' },
      ],
    });
    await domain.submit();
    await domain.claim(small);
    await domain.submit();
    const busy = await preview({ repository: { path: '/code/x', host: 'machine-1' } });
    expect(busy).toMatchObject({ ready: 1, ahead: 1 });
    expect(busy.workers.find(({ name }) => name === 'small')?.obstacle).toBe('is busy with 1 of 1 runs');
    expect(await preview({ pool: 'nowhere' })).toMatchObject({ ready: 0, reason: 'no_worker' });
    // Nothing of it is stored.
    expect((await domain.tasks.countOf({}, 'x')).value).toBe(2);
  });

  it('goes ahead of what has less priority, also of what has a concurrency key', async () => {
    for (let n = 0; n < 2; n++) await domain.submit({ concurrencyKey: 'deploy' });
    expect(await preview({ priority: 5 })).toMatchObject({ ahead: 0 });
    expect(await preview({ concurrencyKey: 'deploy' })).toMatchObject({ ahead: 2 });
    expect(await preview({ priority: -5 })).toMatchObject({ ahead: 2 });
  });

  it('is told how tasks of its repository went', async () => {
    const worker = await domain.worker();
    const repository = { url: 'https://github.com/acme/api.git' };
    const work = async (
      minutes: number,
      costUsd: number | null,
      outcome: 'succeeded' | 'agent_failed' = 'succeeded',
    ) => {
      await domain.submit({ repository });
      const [run] = await domain.claim(worker);
      if (run === undefined) throw new Error('nothing was claimed');
      domain.pass(minutes * 60_000);
      await domain.finish(run, { costUsd, exit: { outcome } });
    };
    const none = { tasks: 0, succeeded: 0, medianCost: null, medianDurationMs: null };
    expect(await preview({ repository })).toMatchObject({ similar: { repository: 'acme/api', ...none } });
    await work(1, 0.5);
    await work(10, 3);
    await work(4, null, 'agent_failed');
    const same = { url: 'git@github.com:Acme/API.git' };
    expect(await preview({ repository: same })).toMatchObject({
      similar: { tasks: 3, succeeded: 2, medianCost: { amount: '0.50', basis: 'estimate' }, medianDurationMs: 240_000 },
    });
    expect(await preview({})).toMatchObject({ similar: { repository: null, ...none } });
    await domain.submit({ repository: { path: '/code/Übung', host: 'machine-1' } });
    const [run] = await domain.claim(worker);
    if (run === undefined) throw new Error('nothing was claimed');
    await domain.finish(run);
    expect(await preview({ repository: { path: '/other/Übung' } })).toMatchObject({ similar: { tasks: 1 } });
  });

  it('needs a repository that exists where it is named', async () => {
    const headers = bearer(await domain.key('read'));
    const ask = (payload: object) =>
      domain.app.inject({ method: 'POST', url: '/api/v1/tasks/preview', headers, payload });
    expect((await ask({ repository: { name: 'nothing' } })).json()).toMatchObject({ code: 'repository_unknown' });
    expect((await ask({ colour: 'red' })).json()).toMatchObject({ code: 'validation_failed' });
    expect((await ask({ executor: 'command' })).statusCode).toBe(200);
  });
});
