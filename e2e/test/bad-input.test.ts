import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubmitTask } from '@corch/contract';
import { git } from '../src/repository.js';
import { startStack, type Stack } from '../src/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const send = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${stack.url}/api/v1/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/json', ...headers },
    body,
  });

describe('a request that is not valid', () => {
  it.each<[string, string | Buffer<ArrayBuffer>, Record<string, string>, number, string]>([
    ['no JSON', '{"prompt":', {}, 400, 'malformed_body'],
    [
      'bytes that are no UTF-8',
      Buffer.from([...Buffer.from('{"prompt":"'), 0xc3, 0x28, ...Buffer.from('"}')]),
      {},
      400,
      'malformed_body',
    ],
    [
      'another content type',
      'prompt=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['an empty prompt', '{"prompt":"  "}', {}, 422, 'validation_failed'],
    ['a prompt over 1 MB', JSON.stringify({ prompt: 'x'.repeat(1_000_001) }), {}, 422, 'validation_failed'],
    ['a body that is far too large', JSON.stringify({ prompt: 'x'.repeat(3_000_000) }), {}, 413, 'payload_too_large'],
    ['an unknown field', '{"prompt":"x","colour":"red"}', {}, 422, 'validation_failed'],
    ['an unknown model', '{"prompt":"x","model":"gpt-9"}', {}, 422, 'validation_failed'],
    ['an unknown pool', '{"prompt":"x","pool":"gpu"}', {}, 422, 'pool_unknown'],
  ])('%s is a problem with a code, a detail and a hint', async (_, body, headers, status, code) => {
    const answer = await send(body, { ...headers, 'x-request-id': 'my-request-1' });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('x-request-id')).toBe('my-request-1');
    expect(await answer.json()).toMatchObject({
      code,
      status,
      requestId: 'my-request-1',
      detail: expect.stringMatching(/\w/),
      hint: expect.stringMatching(/\w/),
    });
  });

  it('names each wrong field by a JSON pointer', async () => {
    const answer = (await (await send('{"prompt":"x","retries":-1,"repository":{"url":"ext::sh -c id"}}')).json()) as {
      errors: { pointer: string }[];
    };
    expect(answer.errors.map((error) => error.pointer)).toEqual(expect.arrayContaining(['/retries']));
    expect(answer.errors.some((error) => error.pointer.startsWith('/repository'))).toBe(true);
  });

  it.each([
    '/api/v1/tasks?colour=red',
    '/api/v1/tasks?status=done',
    '/api/v1/tasks?limit=0',
    '/api/v1/tasks?cursor=xx',
  ])('answers %s with what is wrong', async (path) => {
    const answer = await fetch(stack.url + path, { headers: { authorization: `Bearer ${stack.adminKey}` } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'unknown_parameter' });
  });

  it('answers unknown addresses and ids with 404', async () => {
    const get = async (path: string) => {
      const answer = await fetch(stack.url + path, { headers: { authorization: `Bearer ${stack.adminKey}` } });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await get('/api/v1/nothing')).toEqual([404, 'route_not_found']);
    expect(await get('/api/v1/tasks/task_unknown')).toEqual([404, 'task_not_found']);
    expect(await get(`/api/v1/tasks/task_${'0'.repeat(26)}`)).toEqual([404, 'task_not_found']);
    expect(await get(`/api/v1/runs/run_${'0'.repeat(26)}/patch`)).toEqual([404, 'run_not_found']);
  });
});

describe('an Idempotency-Key', () => {
  it('makes repeats harmless and other bodies visible', async () => {
    const body = JSON.stringify({ executor: 'command', command: ['true'], title: 'once' });
    const key = { 'idempotency-key': 'same-key' };
    const answers = await Promise.all([send(body, key), send(body, key)]);
    const late = await send(body, key);
    const ids = await Promise.all(
      [...answers, late]
        .filter((answer) => answer.status === 202)
        .map(async (answer) => ((await answer.json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
    expect(late.headers.get('idempotent-replayed')).toBe('true');
    expect((await send(JSON.stringify({ prompt: 'other' }), key)).status).toBe(422);
    expect((await stack.client.listTasks({ query: { q: 'once' } })).total.value).toBe(1);
  });
});

describe('a repository that cannot be used', () => {
  const cases: [name: string, make: () => SubmitTask, reason: string, words: RegExp][] = [
    [
      'does not exist',
      () => ({ prompt: 'x', repository: { path: join(stack.repositories, 'nowhere') } }),
      'workspace_failed',
      /does not exist|no such/i,
    ],
    [
      'is no repository',
      () => ({ prompt: 'x', repository: { path: folder('no-repository') } }),
      'workspace_failed',
      /not a git repository/i,
    ],
    [
      'has no commit',
      () => ({ prompt: 'x', repository: { path: empty('empty') } }),
      'workspace_failed',
      /no commit|empty/i,
    ],
    [
      'has no such ref',
      () => ({ prompt: 'x', repository: { path: stack.repository('no-ref') }, ref: 'gone' }),
      'workspace_failed',
      /gone/,
    ],
    ['is not allowed', () => ({ prompt: 'x', repository: { path: stack.folder } }), 'refused', /--allow/],
    [
      'leads out of the allowed folder',
      () => ({ prompt: 'x', repository: { path: escape('escape') } }),
      'refused',
      /--allow/,
    ],
    [
      'cannot be reached',
      () => ({ prompt: 'x', repository: { url: 'http://127.0.0.1:1/a.git' } }),
      'workspace_failed',
      /127\.0\.0\.1/,
    ],
  ];
  const folder = (name: string) => {
    const path = join(stack.repositories, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const empty = (name: string) => {
    git(folder(name), 'init', '-q');
    return join(stack.repositories, name);
  };
  const escape = (name: string) => {
    const outside = join(stack.folder, 'outside');
    mkdirSync(outside, { recursive: true });
    git(outside, 'init', '-q');
    symlinkSync(outside, join(folder('links'), name));
    return join(stack.repositories, 'links', name);
  };

  it.each(cases)('because it %s fails the run with one clear sentence', async (_, make, reason, words) => {
    const task = await stack.submit(make());
    const done = await stack.until(task.id);
    expect(done).toMatchObject({ status: 'failed', reason });
    expect(done.reasonText).toMatch(words);
    expect(done.hint).toMatch(/\w/);
  });
});
