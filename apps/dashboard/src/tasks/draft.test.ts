import { describe, expect, it } from '@jest/globals';
import { SubmitTask } from '@corch/contract';
import { checkDraft, draftToTask, emptyDraft, errorsByField, type Draft } from './draft.js';

const draft = (part: Partial<Draft>): Draft => ({ ...emptyDraft, prompt: 'Do it', ...part });

function errorsOf(part: Partial<Draft>) {
  const checked = checkDraft(draft(part));
  return 'errors' in checked ? checked.errors : {};
}

describe('a draft as a request', () => {
  it('leaves out what was left empty', () => {
    expect(draftToTask(draft({ source: 'name', repositoryName: 'api' }))).toMatchObject({
      repository: { name: 'api' },
    });
    expect(draftToTask(draft({}))).toEqual({ executor: 'claude', prompt: 'Do it' });
  });

  it('carries everything that was typed', () => {
    const startAt = '2031-02-03T04:05';
    const task = draftToTask(
      draft({
        source: 'url',
        url: ' https://git.example.org/a/b.git ',
        path: '/not/this',
        ref: 'main',
        model: 'sonnet',
        title: 'T',
        priority: '-5',
        pool: 'gpu',
        labels: 'a, b  team=web',
        timeoutMinutes: '1.5',
        budgetUsd: '2.5',
        maxTurns: '9',
        retries: '2',
        startAt,
        permissionPolicy: 'plan',
        failOnDenied: true,
        demo: true,
      }),
    );
    expect(task).toEqual({
      executor: 'claude',
      prompt: 'Do it',
      repository: { url: 'https://git.example.org/a/b.git' },
      ref: 'main',
      model: 'sonnet',
      title: 'T',
      priority: -5,
      pool: 'gpu',
      labels: ['a', 'b', 'team=web'],
      timeoutSeconds: 90,
      budgetUsd: 2.5,
      maxTurns: 9,
      retries: 2,
      startAt: new Date(startAt).toISOString(),
      permissionPolicy: 'plan',
      failOnDenied: true,
      demo: true,
    });
    expect(SubmitTask.safeParse(task).error).toBeUndefined();
  });

  it('takes a command line by line and drops what belongs to Claude', () => {
    const task = draftToTask(draft({ executor: 'command', command: 'node\n-e\n\n1\n\n', model: 'sonnet', demo: true }));
    expect(task).toEqual({ executor: 'command', command: ['node', '-e', '', '1'] });
  });

  it('has no base without a repository', () => {
    expect(draftToTask(draft({ ref: 'main' }))).not.toHaveProperty('ref');
  });
});

describe('checkDraft', () => {
  it('names the field and what is wrong with it', () => {
    expect(errorsOf({ prompt: ' ' })).toEqual({ prompt: 'say what Claude shall do' });
    expect(errorsOf({ executor: 'command', command: ' ' })).toHaveProperty('command');
    expect(errorsOf({ maxTurns: 'many' })).toEqual({ maxTurns: 'must be a number' });
    expect(errorsOf({ maxTurns: '1.5' })).toEqual({ maxTurns: 'must be a whole number' });
    expect(errorsOf({ retries: '99' })).toEqual({ retries: 'must be at most 20' });
    expect(errorsOf({ timeoutMinutes: '0' })).toEqual({ timeoutMinutes: 'must be at least 1' });
    expect(errorsOf({ labels: 'fine, -bad' }).labels).toMatch(/^must be `key`/);
    expect(errorsOf({ model: 'gpt' }).model).toMatch(/names no Claude model/);
  });

  it('shows what is wrong with a repository where it was typed', () => {
    expect(errorsOf({ source: 'path', path: 'relative' })).toEqual({ path: 'must be an absolute path' });
    expect(errorsOf({ source: 'url', url: 'nonsense' }).url).toMatch(/^must be an https/);
    expect(errorsOf({ source: 'url', url: 'https://x.example/a', ref: '-x' })).toHaveProperty('ref');
  });

  it('says all that is wrong at once', () => {
    expect(Object.keys(errorsOf({ prompt: '', source: 'path', maxTurns: 'x' })).toSorted()).toEqual([
      'maxTurns',
      'path',
      'prompt',
    ]);
  });
});

describe('errorsByField', () => {
  it('puts complaints of the orchestrator on their fields', () => {
    const complaints = [
      { pointer: '/repository/path', message: 'not there' },
      { pointer: '/timeoutSeconds', message: 'too long' },
      { pointer: '/labels/1', message: 'odd' },
      { pointer: '/answerSchema', message: 'no schema' },
    ];
    expect(errorsByField(complaints, draft({ source: 'path' }))).toEqual({
      path: 'not there',
      timeoutMinutes: 'too long',
      labels: 'odd',
      form: '/answerSchema: no schema',
    });
    expect(errorsByField(complaints, draft({ source: 'url' }))).toHaveProperty('url', 'not there');
  });
});
