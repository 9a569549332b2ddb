import { describe, expect, it } from '@jest/globals';
import { artifactName, artifactPath, BlobName } from './run.js';

describe('the name of an artifact', () => {
  it('is its path below the workspace', () => {
    const path = 'reports/März 1/…/index.html';
    expect(artifactPath(artifactName(path) ?? '')).toBe(path);
  });

  it.each([
    '..',
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    './a',
    'a\\..\\b',
    'a\nb',
    'a\0b',
    '',
    'a/',
    `${'x'.repeat(501)}`,
  ])('leads nowhere else: %j', (path) => {
    expect(artifactName(path)).toBeNull();
    expect(BlobName.safeParse(`artifact/${path}`).success).toBe(false);
    expect(artifactPath(`artifact/${path}`)).toBeNull();
  });

  it('is none without its folder', () => {
    for (const name of ['../artifact/x', 'artifact', 'x/artifact/y', '..']) {
      expect(artifactPath(name)).toBeNull();
    }
    expect(BlobName.safeParse('x/y').success).toBe(false);
  });
});
