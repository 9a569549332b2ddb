import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeOnEachEngine } from '../testing/databases.js';
import { openDomain, type Domain } from '../testing/domain.js';
import { bearer } from '../testing/http-app.js';

describeOnEachEngine('an export', (kind) => {
  let domain: Domain;
  beforeEach(async () => {
    domain = await openDomain(kind);
  });
  afterEach(() => domain.close());

  const ask = async (query: string) =>
    domain.app.inject({ url: `/api/v1/tasks/export?${query}`, headers: bearer(await domain.key('read')) });

  it('holds every task of a filter, however many pages they are', async () => {
    for (let n = 0; n < 450; n++) await domain.submit({ title: `t${n}`, labels: n % 9 === 0 ? ['nine'] : [] });
    const csv = await ask('format=csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="tasks.csv"');
    const lines = csv.body.trimEnd().split('\r\n');
    expect(lines).toHaveLength(451);
    expect(lines[0]).toMatch(/^id,title,status,reason,/);
    expect(new Set(lines).size).toBe(451);

    const jsonl = await ask('format=jsonl&filter=label:nine');
    const titles = jsonl.body
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { title: string }).title);
    expect(titles).toHaveLength(50);
    expect(titles[0]).toBe('t441');
  });

  it('of nothing is a head, and of a wrong filter a problem', async () => {
    expect((await ask('filter=status:failed')).body).toMatch(/^id,.*\r\n$/);
    expect((await ask('format=jsonl')).body).toBe('');
    expect((await ask('filter=stauts:failed')).json()).toMatchObject({ status: 400, code: 'unknown_parameter' });
  });
});
