import { describe, expect, it } from '@jest/globals';
import { oldestClaude, tooOld } from './claude-program.js';

describe('tooOld', () => {
  it.each(['2.1.300', '2.1.330', '2.2.0', '3.0.1'])('takes %s', (version) => expect(tooOld(version, '/c')).toBeNull());
  it.each(['2.1.299', '2.0.999', '1.9.400'])('refuses %s and says how to update', (version) => {
    expect(tooOld(version, '/c')).toContain(`Claude Code ${version} (/c) is too old: ${oldestClaude}`);
    expect(tooOld(version, '/c')).toContain('npm install -g');
  });
});
