import { describe, expect, it } from '@jest/globals';
import { newRunSecret, newToken, runToken } from '../auth/tokens.js';
import { formatLine, nestLogger, redact } from './logger.js';

describe('formatLine', () => {
  const secrets = [
    newToken('key'),
    newToken('link'),
    newToken('session'),
    newToken('enrolment'),
    newToken('worker'),
    runToken(newRunSecret(), {
      runId: 'run_01jd4m2v7k8y3n5q9r0s1t2w3x',
      epoch: 3,
      workerId: 'worker_01jd4m2v7k8y3n5q9r0s1t2w3x',
    }),
  ];

  it.each(secrets)('takes %s out wherever it stands', (secret) => {
    const error = new Error(`cannot use ${secret}`, { cause: new Error(secret) });
    const line = formatLine({
      message: `got ${secret}`,
      nested: { list: [secret] },
      url: `http://x/#link=${secret}`,
      error,
    });
    expect(line).not.toContain(secret);
    expect(line).not.toContain(secret.slice(-20));
    expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('takes credentials out by the name of their field', () => {
    const line = formatLine({ headers: { Authorization: 'hunter2hunter2', cookie: 'a=hunter2' }, password: 'hunter2' });
    expect(line).not.toContain('hunter2');
  });

  it('takes credentials out of texts', () => {
    expect(redact('Authorization: Bearer abc.def')).toBe('Authorization: Bearer [redacted]');
    expect(redact('postgres://me:pa55@db/x')).toBe('postgres://[redacted]@db/x');
    expect(redact('the cookie corch_session is missing; see https://a.org:80/b')).toBe(
      'the cookie corch_session is missing; see https://a.org:80/b',
    );
  });

  it('keeps the stack and the causes of an error', () => {
    const line = formatLine({ error: new Error('outer', { cause: new Error('inner') }) });
    expect(JSON.parse(line)).toMatchObject({
      error: { message: 'outer', stack: expect.stringContaining('logger.test'), cause: { message: 'inner' } },
    });
  });
});

describe('nestLogger', () => {
  it('keeps what Nest says at the start for us', () => {
    const lines: unknown[] = [];
    const note = (level: string) => (sentence: string, fields?: object) => lines.push({ level, sentence, ...fields });
    const logger = nestLogger({ error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') });
    logger.log('Mapped {/x}', 'Router');
    logger.error('broken', 'at x', 'Handler');
    expect(lines).toEqual([
      { level: 'debug', sentence: 'Mapped {/x}', context: 'Router' },
      { level: 'error', sentence: 'broken', stack: 'at x', context: 'Handler' },
    ]);
  });
});
