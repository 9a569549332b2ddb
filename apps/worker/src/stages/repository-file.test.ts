import { describe, expect, it } from '@jest/globals';
import { parseRepositoryFile } from './repository-file.js';

const whyNot = (text: string) => {
  try {
    parseRepositoryFile(text);
  } catch (error) {
    return (error as Error).message;
  }
  return null;
};

describe('.corch.yaml', () => {
  it('holds commands, artifacts and wording', () => {
    const text = `
setup: [npm ci]
checks:
  - npm test
  - [npm, run, lint]
  - { name: types, command: npx tsc }
checkRounds: 2
artifacts: [coverage/**]
commit: { author: Ada <ada@example.org>, trailers: ['Reviewed-by: Bob <bob@example.org>'] }
delivery: { base: develop, draft: true }
`;
    expect(parseRepositoryFile(text)).toEqual({
      file: {
        setup: ['npm ci'],
        checks: ['npm test', ['npm', 'run', 'lint'], { name: 'types', command: 'npx tsc' }],
        checkRounds: 2,
        artifacts: ['coverage/**'],
        commit: { author: 'Ada <ada@example.org>', trailers: ['Reviewed-by: Bob <bob@example.org>'] },
        delivery: { base: 'develop', draft: true },
      },
      warnings: [],
    });
  });

  it.each(['', '# nothing yet\n', '{}'])('may be empty: %j', (text) => {
    expect(parseRepositoryFile(text)).toEqual({ file: {}, warnings: [] });
  });

  it('leaves out what is not known, and names the nearest that is', () => {
    const text = 'check: [npm test]\ndelivery: { mode: pr, drafts: true }\nsetup: [{ comand: x, command: npm ci }]\n';
    expect(parseRepositoryFile(text)).toEqual({
      file: { delivery: {}, setup: [{ command: 'npm ci' }] },
      warnings: [
        '`check` in .corch.yaml is not known and was left out. Do you mean `checks`?',
        '`delivery.mode` in .corch.yaml is not known and was left out. Known are base, draft, title, body.',
        '`delivery.drafts` in .corch.yaml is not known and was left out. Do you mean `delivery.draft`?',
        '`setup[0].comand` in .corch.yaml is not known and was left out. Do you mean `setup[0].command`?',
      ],
    });
  });

  it.each([
    ['checks: npm test', /: `checks`: /],
    ['checks: [1]', /: `checks\[0\]`: must be a command/],
    ['checkRounds: 100', /: `checkRounds`: /],
    ['artifacts: [../secret]', /: `artifacts\[0\]`: must be a path below the workspace/],
    ['just words', /it must hold names and values/],
    ['- a\n- b', /it must hold names and values/],
    ['setup: [a\nchecks: b', /: line \d+: /],
    ['setup: [a]\nsetup: [b]', /: line 2: Map keys must be unique/],
  ])('is refused with one sentence: %j', (text, says) => {
    expect(whyNot(text)).toMatch(says);
    expect(whyNot(text)).toMatch(/^The file \.corch\.yaml of the repository cannot be used: [^\n]+ retry\.$/);
  });
});
