import { describe, expect, it } from '@jest/globals';
import { GitRef } from './delivery.js';
import { normaliseEvent } from './event.js';
import { TaskQuery } from './page.js';
import { maxPromptBytes } from './spec.js';
import { SubmitTask } from './task.js';
import './wording.js';

const problems = (input: unknown) => {
  const parsed = SubmitTask.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.') || issue.code);
};

describe('SubmitTask', () => {
  it('fills in the defaults', () => {
    expect(SubmitTask.parse({ prompt: 'Fix it' })).toMatchObject({
      executor: 'claude',
      pool: 'default',
      priority: 0,
      retries: 0,
      permissionPolicy: 'work',
      backoff: { type: 'exponential', delayMs: 10_000, maxMs: 300_000 },
      demo: false,
    });
  });

  it.each<[string, unknown, string]>([
    ['nothing to do', {}, 'prompt'],
    ['an empty prompt', { prompt: ' \n' }, 'prompt'],
    ['a prompt over 1 MB of UTF-8', { prompt: 'é'.repeat(maxPromptBytes / 2 + 1) }, 'prompt'],
    ['a NUL character', { prompt: 'a\u0000b' }, 'prompt'],
    ['an unknown field', { prompt: 'x', promt: 'y' }, 'unrecognized_keys'],
    ['an unknown model', { prompt: 'x', model: 'gpt' }, 'model'],
    ['a command for Claude', { prompt: 'x', command: ['ls'] }, 'command'],
    ['a command executor without one', { executor: 'command' }, 'command'],
    ['a prompt for a command', { executor: 'command', command: ['ls'], prompt: 'x' }, 'prompt'],
    ['a limit of a key without one', { prompt: 'x', concurrencyLimit: 5 }, 'concurrencyLimit'],
    ['a ref without a repository', { prompt: 'x', ref: 'main' }, 'ref'],
    ['a relative path', { prompt: 'x', repository: { path: 'src' } }, 'repository'],
    ['a password in the address', { prompt: 'x', repository: { url: 'https://a:b@host/r.git' } }, 'repository'],
    ['a transport that runs programs', { prompt: 'x', repository: { url: 'ext::sh -c id' } }, 'repository'],
    ['an address that is an option', { prompt: 'x', repository: { url: '--upload-pack=id' } }, 'repository'],
    ['a pool with a slash', { prompt: 'x', pool: 'a/b' }, 'pool'],
    ['a time that is none', { prompt: 'x', startAt: 'tomorrow' }, 'startAt'],
    ['a negative budget', { prompt: 'x', budgetUsd: -1 }, 'budgetUsd'],
  ])('refuses %s and names the field', (_, input, field) => {
    expect(problems(input).map((path) => path.split('.')[0])).toContain(field);
  });

  it('takes exactly 1 MB', () => {
    expect(problems({ prompt: 'a'.repeat(maxPromptBytes) })).toEqual([]);
  });

  it.each(['sonnet', 'opus[1m]', 'claude-sonnet-5', 'us.anthropic.claude-opus-4-1-v1:0', 'claude-opus-4-1@20250805'])(
    'takes the model %s',
    (model) => {
      expect(problems({ prompt: 'x', model })).toEqual([]);
    },
  );

  it.each(['https://github.com/acme/api.git', 'ssh://git@host:22/a/b', 'git@host:a/b.git', 'http://127.0.0.1:8080/r'])(
    'takes the address %s',
    (url) => {
      expect(problems({ prompt: 'x', repository: { url } })).toEqual([]);
    },
  );
});

describe('GitRef', () => {
  it.each(['main', 'feature/x-1', 'v1.2.3', '3f2c1ab', 'größe', '@/a', 'a.lock-b', 'a./b'])('takes %s', (ref) => {
    expect(GitRef.safeParse(ref).success).toBe(true);
  });
  it.each([
    '-x',
    '--upload-pack=x',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'x.lock',
    '/a',
    'a/',
    'a//b',
    'a@{1}',
    'a\u0007',
    // As git does: each part counts.
    'a/.b',
    'a.lock/b',
    '@',
    '',
  ])('refuses %j', (ref) => {
    expect(GitRef.safeParse(ref).success).toBe(false);
  });
});

describe('the author of a commit', () => {
  const isTaken = (author: string) => problems({ prompt: 'x', commit: { author } }).length === 0;
  it.each(['Ada <ada@example.org>', "d'Or, J. <j@localhost>", '李 <li@例え.jp>'])('may be %s', (author) => {
    expect(isTaken(author)).toBe(true);
  });
  it.each(['Ada', '<ada@example.org>', 'Ada <ada>', '. <a@b>', '"\' <a@b>', 'A\nB <a@b>'])('is not %j', (author) => {
    expect(isTaken(author)).toBe(false);
  });
});

describe('TaskQuery', () => {
  it('reads lists from commas and numbers from text', () => {
    expect(TaskQuery.parse({ status: 'queued,running', limit: '10' })).toMatchObject({
      status: ['queued', 'running'],
      limit: 10,
    });
  });
  it.each([{ status: 'done' }, { limit: '0' }, { limit: '201' }, { colour: 'red' }])('refuses %j', (query) => {
    expect(TaskQuery.safeParse(query).success).toBe(false);
  });
});

describe('normaliseEvent', () => {
  const at = '2026-01-02T03:04:05.678Z';
  it('keeps what the union knows', () => {
    expect(normaliseEvent({ at, type: 'text', text: 'hi' })).toEqual({ at, type: 'text', text: 'hi' });
  });
  it.each([
    { type: 'news', headline: 'x' },
    { type: 'text', text: 7 },
  ])('wraps %j as raw', (body) => {
    expect(normaliseEvent({ at, ...body })).toEqual({ at, type: 'raw', line: body });
  });
});

describe('what is said about a wrong value', () => {
  const said = (input: unknown) => {
    const parsed = SubmitTask.safeParse({ prompt: 'x', ...(input as object) });
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  };
  it.each<[unknown, string]>([
    [{ retries: -1 }, 'must be at least 0'],
    [{ retries: 'two' }, 'must be a number'],
    [{ retries: 1.5 }, 'must be a whole number'],
    [{ maxTurns: 99_999 }, 'must be at most 10000'],
    [{ budgetUsd: 0 }, 'must be more than 0'],
    [{ title: '' }, 'must not be empty'],
    [{ title: 'x'.repeat(201) }, 'must have at most 200 characters'],
    [{ labels: 'a' }, 'must be a list'],
    [{ permissionPolicy: 'yolo' }, 'must be one of work, edit, plan, ask'],
    [{ startAt: 'tomorrow' }, 'must be a time such as 2026-01-31T09:00:00Z'],
  ])('%j: %s', (input, message) => {
    expect(said(input)).toContain(message);
  });
});
