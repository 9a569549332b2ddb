import { HttpException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { AppError } from './app-error.js';
import { toAppError, toProblem } from './problem.js';

describe('toAppError', () => {
  it('keeps an expected failure', () => {
    const error = new AppError('task_not_found', 'no');
    expect(toAppError(error)).toBe(error);
    expect(toAppError(new HttpException('wrapped', 400, { cause: error }))).toBe(error);
  });

  it.each([
    [400, 'malformed_body'],
    [404, 'route_not_found'],
    [413, 'payload_too_large'],
    [415, 'unsupported_media_type'],
    [418, 'internal'],
  ])('names what the framework answers with %i: %s', (status, code) => {
    expect(toAppError(new HttpException('x', status)).code).toBe(code);
  });

  it('shows nothing of what nobody expected', () => {
    const problem = toProblem(toAppError(new Error('SELECT secret FROM x')), 'req_1', '/x');
    expect(problem.code).toBe('internal');
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('says that a database is away, however deep that is hidden', () => {
    const driver = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const query = Object.assign(new Error('query failed'), { driverError: driver });
    expect(toAppError(new Error('listing tasks', { cause: query })).code).toBe('unavailable');
    expect(toAppError(new Error('timeout exceeded when trying to connect')).code).toBe('unavailable');
  });
});

describe('toProblem', () => {
  it('carries status, title and hint of the table and what the thrower adds', () => {
    const error = new AppError('task_not_cancellable', 'It succeeded.', {
      currentStatus: 'succeeded',
      hint: 'Look at it.',
    });
    expect(toProblem(error, 'req_1', '/api/v1/tasks/x/cancel')).toEqual({
      type: 'urn:corch:problem:task_not_cancellable',
      title: 'The task is already finished',
      status: 409,
      detail: 'It succeeded.',
      instance: '/api/v1/tasks/x/cancel',
      code: 'task_not_cancellable',
      requestId: 'req_1',
      retryable: false,
      hint: 'Look at it.',
      currentStatus: 'succeeded',
    });
  });
});
