import { describe, expect, it } from '@jest/globals';
import { routes, type Route } from '@corch/contract';
import { AppError } from './app-error.js';
import { parseInput } from './input.js';

function refusal(route: Route, raw: { params?: unknown; query?: unknown; body?: unknown }): AppError {
  try {
    parseInput(route, { params: {}, query: {}, body: undefined, ...raw });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseInput', () => {
  it('hands over only the parts of the row, with defaults', () => {
    const input = parseInput(routes.listTasks, {
      params: {},
      query: { limit: '7', status: 'queued,running' },
      body: undefined,
    });
    expect(input).toEqual({ query: { limit: 7, status: ['queued', 'running'], sort: '-createdAt' } });
  });

  it('says of an id that cannot exist that there is no such thing', () => {
    expect(refusal(routes.readTask, { params: { taskId: 'task_nope' } }).code).toBe('task_not_found');
    expect(refusal(routes.readRun, { params: { runId: '../etc' } }).code).toBe('run_not_found');
    expect(refusal(routes.revokeKey, { params: { keyId: '' } }).code).toBe('key_not_found');
    expect(refusal(routes.editPool, { params: { name: 'no good' }, body: { paused: true } }).code).toBe(
      'pool_not_found',
    );
  });

  it('refuses an unknown and a wrong query parameter, naming it', () => {
    const unknown = refusal(routes.listTasks, { query: { colour: 'red' } });
    expect(unknown).toMatchObject({ code: 'unknown_parameter', extra: { errors: [{ pointer: '/colour' }] } });
    expect(refusal(routes.listTasks, { query: { limit: '0' } }).detail).toContain('`limit`');
    expect(refusal(routes.readTask, { params: { taskId: `task_${'0'.repeat(26)}` }, query: { a: '1' } }).code).toBe(
      'unknown_parameter',
    );
  });

  it('lets probes add what they like', () => {
    expect(parseInput(routes.health, { params: {}, query: { t: '1' }, body: undefined })).toEqual({});
  });

  it('names each wrong field of a body by pointer, code and sentence', () => {
    const error = refusal(routes.submitTask, {
      body: { prompt: 'x', model: 'gpt', colour: 1, backoff: { delayMs: -1 } },
    });
    expect(error.code).toBe('validation_failed');
    expect(error.extra.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/backoff/delayMs',
      '/colour',
      '/model',
    ]);
    expect(error.extra.errors?.find(({ pointer }) => pointer === '/colour')).toEqual({
      pointer: '/colour',
      code: 'unrecognized_keys',
      message: 'is unknown here',
    });
  });

  it('says of a missing field that it is required', () => {
    const { errors } = refusal(routes.enrolWorker, { body: {} }).extra;
    expect(errors).toEqual([{ pointer: '/name', code: 'required', message: 'is required' }]);
  });

  it('explains a union by the alternative that was meant', () => {
    const { errors } = refusal(routes.submitTask, {
      body: { prompt: 'x', repository: { url: 'ext::sh -c id' } },
    }).extra;
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ pointer: '/repository/url' });
    expect(errors?.[0]?.message).toContain('https://');
  });

  it('refuses an absent body as malformed and a wrong kind of it as invalid', () => {
    expect(refusal(routes.submitTask, {}).code).toBe('malformed_body');
    expect(refusal(routes.submitTask, { body: [] })).toMatchObject({
      code: 'validation_failed',
      extra: { errors: [{ pointer: '' }] },
    });
  });
});
