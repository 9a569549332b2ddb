import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mask, RedactingStream, Redactor, secretsOf } from './redact.js';

const runToken = 'corch_run_run_01abc.1.AbCdEfGhIjKlMnOpQrStUvWxYz';

describe('secretsOf', () => {
  it('finds values by the names of their variables and passwords in proxies', () => {
    const found = secretsOf({
      ANTHROPIC_API_KEY: 'key-value',
      GITHUB_TOKEN: 'github-value',
      DB_PASSWORD: 'db-value',
      HTTPS_PROXY: 'http://user:proxy-pass@host:1',
      PATH: '/usr/bin',
      TOKENIZER: 'words',
      UNSET_TOKEN: undefined,
    });
    expect(found).toEqual(['key-value', 'github-value', 'db-value', 'proxy-pass']);
  });

  it('finds what is sent as headers of telemetry, as it stands there and as it reads', () => {
    const found = secretsOf({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc-123,x-token=def-456',
      WORKER_CLAUDE_OTLP_HEADERS: 'x-token=ghi-789',
      SENTRY_DSN: 'https://key@sentry.example.org/1',
    });
    for (const secret of ['Bearer%20abc-123', 'Bearer abc-123', 'abc-123', 'def-456', 'ghi-789'])
      expect(found).toContain(secret);
    expect(found).toContain('https://key@sentry.example.org/1');
  });
});

describe('Redactor', () => {
  const redactor = new Redactor(['hunter22+(x)', 'short']);

  it('hides known values and tokens by their shape', () => {
    expect(redactor.text('a hunter22+(x) b')).toBe(`a ${mask} b`);
    expect(redactor.text(`token ${runToken}!`)).toBe(`token ${mask}!`);
    expect(redactor.text('sk-ant-api03-abcdefgh_ijk')).toBe(mask);
  });

  it('knows for which of them a file is kept back', () => {
    const words = [
      'Accept: text/event-stream',
      '/home/me/credentials-2030.json',
      'http://proxy.example:8080/x',
      'postgres',
    ];
    const secrets = ['a-token-of-2030-abc', 'Bearer another-token-of-2031'];
    expect(new Redactor([...words, ...secrets]).certain).toEqual(['another-token-of-2031', 'a-token-of-2030-abc']);
  });

  it('hides what it learns later, also in a stream that has begun', () => {
    const late = new Redactor([]);
    const stream = new RedactingStream(late);
    expect(stream.push('before\n')).toBe('before\n');
    late.hide(['learned-secret']);
    expect(stream.push('a learned-') + stream.push('secret b\n')).toBe(`a ${mask} b\n`);
    expect(late.text('learned-secret')).toBe(mask);
  });

  it('leaves short values and ordinary words alone', () => {
    const text = 'short corch_ups corch/branch sk-ant- run_01abc';
    expect(redactor.text(text)).toBe(text);
  });

  it('reaches everywhere in a value and replaces NUL', () => {
    expect(redactor.deep({ a: ['hunter22+(x)', 1, null], 'hunter22+(x)': { b: 'x\u0000' } })).toEqual({
      a: [mask, 1, null],
      [mask]: { b: 'x\uFFFD' },
    });
  });
});

describe('RedactingStream', () => {
  it('passes whole lines on at once and keeps an open line back', () => {
    const stream = new RedactingStream(new Redactor([]));
    expect(stream.push('one\ntwo')).toBe('one\n');
    expect(stream.push(' three\n')).toBe('two three\n');
    expect(stream.push('rest')).toBe('');
    expect(stream.flush()).toBe('rest');
  });

  it('does not keep endless lines back', () => {
    const stream = new RedactingStream(new Redactor([]));
    const out = stream.push('x'.repeat(100_000));
    expect(out.length).toBeGreaterThan(99_000);
    expect(out + stream.flush()).toBe('x'.repeat(100_000));
  });

  it('finds secrets across every border', () => {
    const secret = 'correct-horse-battery';
    const redactor = new Redactor([secret]);
    const piece = fc.constantFrom(secret, runToken, ' ', '\n', 'word ', 'x'.repeat(600));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (pieces, cuts) => {
          const text = pieces.join(' ');
          const stream = new RedactingStream(redactor);
          let out = '';
          for (let at = 0; at < text.length;) {
            const size = cuts.next().value as number;
            out += stream.push(text.slice(at, at + size));
            at += size;
          }
          out += stream.flush();
          expect(out).toBe(redactor.text(text));
        },
      ),
      { numRuns: 300 },
    );
  });
});
