// A server on loopback that answers like GitHub's REST API.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { githubRepository } from './github-address.js';
import { Github } from './github.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let seen: Seen[] = [];
let answers: { status: number; body: unknown; headers?: Record<string, string> }[] = [];
const server = createServer((request, response) => void answer(request, response));
let github: Github;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  const body = await text(request);
  seen.push({ method, url, authorization: headers.authorization, body: body === '' ? undefined : JSON.parse(body) });
  const next = answers.shift() ?? { status: 500, body: { message: 'not scripted' } };
  response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers });
  response.end(JSON.stringify(next.body));
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const repository = githubRepository(`http://127.0.0.1:${address.port}/acme/app.git`);
  github = new Github(repository, 'secret-token', fetch, new AbortController().signal);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
afterEach(() => {
  seen = [];
  answers = [];
});

const pull = (number: number, state = 'open') => ({ number, html_url: `https://git.test/pull/${number}`, state });
const wanted = { head: 'corch/x', base: 'main', title: 'T', body: 'B', draft: true };

describe('Github', () => {
  it('opens a pull request', async () => {
    answers = [{ status: 201, body: pull(7) }];
    expect(await github.open(wanted)).toEqual({ number: 7, url: 'https://git.test/pull/7' });
    expect(seen).toEqual([
      { method: 'POST', url: '/api/v3/repos/acme/app/pulls', authorization: 'Bearer secret-token', body: wanted },
    ]);
  });

  it('takes the one that is there when somebody was faster', async () => {
    const errors = [{ message: 'A pull request already exists for acme:corch/x.' }];
    answers = [
      { status: 422, body: { message: 'Validation Failed', errors } },
      { status: 200, body: [pull(7)] },
    ];
    expect(await github.open(wanted)).toEqual({ number: 7, url: 'https://git.test/pull/7' });
    expect(seen[1]?.url).toBe('/api/v3/repos/acme/app/pulls?head=acme%3Acorch%2Fx&state=all&per_page=100');
  });

  it('finds none', async () => {
    answers = [{ status: 200, body: [] }];
    expect(await github.find('corch/x', ['a1'])).toBeNull();
  });

  it('finds the open one of a branch, else the one that led to a commit, and none of somebody else', async () => {
    const closed = { ...pull(7, 'closed'), head: { sha: 'a1' } };
    answers = [closed, { ...closed, merged_at: '2030-01-01T00:00:00Z' }].map((one) => ({ status: 200, body: [one] }));
    answers.unshift({ status: 200, body: [closed, pull(6)] });
    answers.push({ status: 200, body: [closed] });
    const found = (number: number, state: string) => ({
      pullRequest: { number, url: `https://git.test/pull/${number}` },
      state,
    });
    expect(await github.find('corch/x', ['a1'])).toEqual(found(6, 'open'));
    expect(await github.find('corch/x', ['a1'])).toEqual(found(7, 'closed'));
    expect(await github.find('corch/x', ['a1'])).toEqual(found(7, 'merged'));
    expect(await github.find('corch/x', ['b2'])).toBeNull();
  });

  it.each([
    ['open', pull(7), 'open'],
    ['closed', pull(7, 'closed'), 'closed'],
    ['merged', { ...pull(7, 'closed'), merged_at: '2030-01-01T00:00:00Z' }, 'merged'],
  ])('knows an %s one', async (_, body, state) => {
    answers = [{ status: 200, body }];
    expect(await github.state(7)).toBe(state);
  });

  it('fails for good when the token was revoked, and waits when it is sent away', async () => {
    answers = [
      { status: 401, body: { message: 'Bad credentials' } },
      { status: 429, body: { message: 'Slow down' }, headers: { 'retry-after': '60' } },
    ];
    await expect(github.open(wanted)).rejects.toMatchObject({ outcome: 'delivery_failed' });
    await expect(github.open(wanted)).rejects.toMatchObject({
      outcome: 'delivery_delayed',
      retryAt: expect.stringMatching(/^\d{4}-/),
    });
  });

  it('follows no redirect with its token', async () => {
    answers = [{ status: 302, body: {}, headers: { location: 'http://127.0.0.1:1/steal' } }];
    await expect(github.find('corch/x', [])).rejects.toMatchObject({ outcome: 'delivery_failed' });
    expect(seen).toHaveLength(1);
  });

  it('says when the server is none of GitHub', async () => {
    answers = [{ status: 200, body: { hello: 'world' } }];
    await expect(github.find('corch/x', [])).rejects.toThrow("does not answer like GitHub's REST API");
  });
});
