import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { maxViews } from '@corch/contract';
import { describeOnEachEngine } from '../testing/databases.js';
import { bearer, openTestApp, type TestApp } from '../testing/http-app.js';

describeOnEachEngine('saved views', (kind) => {
  let test: TestApp;
  let [ana, ben, admin]: string[] = [];
  beforeEach(async () => {
    test = await openTestApp({ kind });
    [ana, ben, admin] = await Promise.all([test.key('submit'), test.key('read'), test.key('admin')]);
  });
  afterEach(() => test.close());

  const ask = async (
    key: string | undefined,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path = '',
    payload?: object,
  ) => {
    const answer = await test.app.inject({
      method,
      url: `/api/v1/views${path}`,
      headers: bearer(key ?? ''),
      ...(payload && { payload }),
    });
    return answer.statusCode === 204
      ? { status: 204 }
      : answer.json<Record<string, unknown> & { data?: { name: string }[] }>();
  };
  const names = async (key: string | undefined) => (await ask(key, 'GET')).data?.map(({ name }) => name);

  it('belong to a key, and are seen by others when they are shared', async () => {
    const mine = await ask(ana, 'POST', '', {
      name: ' Failed today ',
      filter: 'status:failed ended:1d',
      columns: ['title', 'cost'],
    });
    expect(mine).toMatchObject({
      name: 'Failed today',
      filter: 'status:failed ended:1d',
      sort: '-createdAt',
      columns: ['title', 'cost'],
      shared: false,
      mine: true,
      owner: 'test submit',
    });
    expect(await names(ben)).toEqual([]);
    await ask(ana, 'PATCH', `/${String(mine['id'])}`, { shared: true });
    await ask(ben, 'POST', '', { name: 'a view' });
    expect(await names(ben)).toEqual(['a view', 'Failed today']);
    expect(await names(ana)).toEqual(['Failed today']);

    expect(await ask(ben, 'PATCH', `/${String(mine['id'])}`, { name: 'taken' })).toMatchObject({ code: 'forbidden' });
    expect(await ask(admin, 'PATCH', `/${String(mine['id'])}`, { name: 'Failed' })).toMatchObject({
      name: 'Failed',
      mine: false,
    });
    expect(await ask(ben, 'POST', '', { name: 'b', shared: true })).toMatchObject({ code: 'forbidden' });
    expect(await ask(ana, 'DELETE', `/${String(mine['id'])}`)).toEqual({ status: 204 });
    expect(await ask(ana, 'DELETE', `/${String(mine['id'])}`)).toMatchObject({ code: 'view_not_found' });
  });

  it('have a name of their own, a filter that is one, and a limit', async () => {
    await ask(ana, 'POST', '', { name: 'One' });
    expect(await ask(ana, 'POST', '', { name: 'one' })).toMatchObject({ status: 409, code: 'view_exists' });
    expect(await ask(ben, 'POST', '', { name: 'one' })).toMatchObject({ name: 'one' });
    const wrong = await ask(ana, 'POST', '', { name: 'x', filter: 'stauts:failed' });
    expect(wrong).toMatchObject({ status: 422, errors: [{ pointer: '/filter' }] });
    for (let n = 1; n < maxViews; n++) await ask(ana, 'POST', '', { name: `view ${n}` });
    expect(await ask(ana, 'POST', '', { name: 'one more' })).toMatchObject({ status: 409, code: 'too_many_views' });
  });
});
