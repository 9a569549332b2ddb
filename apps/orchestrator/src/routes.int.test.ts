import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes, type Route } from '@corch/contract';
import { buildDocument } from './common/api-docs.js';
import { renderDocument } from './openapi.js';
import { openTestApp, type TestApp } from './testing/http-app.js';

type Operation = { operationId?: string; tags?: string[]; responses: Record<string, unknown>; security?: unknown[] };

describe('the route table of the contract', () => {
  let test: TestApp;
  let document: Awaited<ReturnType<typeof buildDocument>>;
  const rows: [string, Route][] = Object.entries(routes);

  beforeAll(async () => {
    test = await openTestApp();
    document = await buildDocument(test.app);
  });
  afterAll(() => test.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
    );

  it.each(rows)('%s is served where it says', (_name, { method, path }) => {
    expect(test.app.getHttpAdapter().getInstance().hasRoute({ method, url: path })).toBe(true);
  });

  it.each(rows)(
    '%s lets nobody in without credentials, unless it is public',
    async (_name, { method, path, access, tag }) => {
      const url = path.replace(/:(\w+)/g, 'x');
      const answer = await test.app.inject({ method, url, remoteAddress: '127.0.2.1' });
      if (access !== 'public') expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
      else if (tag === 'health') expect(answer.statusCode).toBeLessThan(300);
      else expect(answer.statusCode).not.toBe(401);
    },
  );

  it('describes everything that is served: nothing is served beside it', () => {
    const served = operations().map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`);
    const expected = rows.map(
      ([name, row]) => `${name} ${row.method.toLowerCase()} ${row.path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(served.toSorted()).toEqual(expected.toSorted());
  });

  it('is documented with every status and error of its rows', () => {
    for (const { operation } of operations()) {
      const row: Route = routes[operation.operationId as keyof typeof routes];
      expect(operation.tags).toEqual([row.tag]);
      expect(Object.keys(operation.responses)).toContain(String(row.status));
      const text = JSON.stringify(operation.responses);
      for (const code of row.errors) expect(text).toContain(`#/components/examples/${code}`);
      expect(operation.security).toHaveLength(
        row.access === 'public' ? 0 : ['read', 'submit', 'admin'].includes(row.access) ? 2 : 1,
      );
    }
  });

  it('refers only to what the document holds', () => {
    const text = JSON.stringify(document);
    const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? ''));
    expect(references.size).toBeGreaterThan(20);
    for (const target of references) {
      const found = target
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
      expect({ target, isThere: found !== undefined }).toEqual({ target, isThere: true });
    }
  });

  it('is committed as openapi.json: write it again with `pnpm openapi`', async () => {
    const committed = await readFile(new URL('../openapi.json', import.meta.url), 'utf8');
    expect(await renderDocument()).toBe(committed);
  });
});
