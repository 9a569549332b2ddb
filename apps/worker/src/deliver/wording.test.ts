import { describe, expect, it } from '@jest/globals';
import { commitMessage, fill, pullRequestText, type Facts } from './wording.js';

const facts: Facts = {
  title: 'Fix the parser',
  taskId: 'task_1',
  taskUrl: 'https://corch.test/tasks/task_1',
  runId: 'run_1',
  answer: 'I fixed `parse`.',
};

describe('fill', () => {
  it('fills in what it knows and leaves the rest, also when a value looks like a template', () => {
    expect(fill('{title} {other} {taskUrl}', { ...facts, title: '{answer}' })).toBe(
      '{answer} {other} https://corch.test/tasks/task_1',
    );
  });
});

describe('commitMessage', () => {
  it('has the title and the link to the task', () => {
    expect(commitMessage(undefined, facts)).toBe('Fix the parser\n\nTask: https://corch.test/tasks/task_1\n');
  });

  it('has the message and the trailers that were asked for', () => {
    const commit = { message: 'fix: {title}\n\nBody.', trailers: ['Reviewed-by: Ada <ada@example.org>'] };
    expect(commitMessage(commit, { ...facts, taskUrl: null })).toBe(
      'fix: Fix the parser\n\nBody.\n\nReviewed-by: Ada <ada@example.org>\nTask: task_1\n',
    );
  });
});

describe('pullRequestText', () => {
  it('is the answer and the link to the task', () => {
    expect(pullRequestText(undefined, facts)).toEqual({
      title: 'Fix the parser',
      body: 'I fixed `parse`.\n\n---\n[Task: Fix the parser](https://corch.test/tasks/task_1)',
    });
  });

  it('follows the templates of the task', () => {
    const delivery = { mode: 'pr' as const, title: '[bot] {title}', body: 'See {taskUrl}' };
    expect(pullRequestText(delivery, facts)).toEqual({
      title: '[bot] Fix the parser',
      body: 'See https://corch.test/tasks/task_1',
    });
  });
});
