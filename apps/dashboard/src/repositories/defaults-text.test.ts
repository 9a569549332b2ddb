import { describe, expect, it } from '@jest/globals';
import { TaskDefaults } from '@corch/contract';
import { defaultsWords, readDefaults, showDefaults } from './defaults-text.js';

const empty = showDefaults({});

describe('defaults as text', () => {
  it('come back as they were', () => {
    const defaults = TaskDefaults.parse({
      model: 'opus',
      permissionPolicy: 'ask',
      labels: ['deps', 'team=core'],
      timeoutSeconds: 90,
      priority: 0,
      checks: ['npm test', 'npm run lint'],
      systemPrompt: 'Be brief.',
      delivery: { mode: 'pr' },
    });
    expect(readDefaults(showDefaults(defaults), defaults)).toEqual({ defaults });
    expect(readDefaults(empty, {})).toEqual({ defaults: {} });
  });

  it('lose what was cleared and keep what the form does not know', () => {
    const before = TaskDefaults.parse({ model: 'opus', systemPrompt: 'Be brief.' });
    expect(readDefaults(empty, before)).toEqual({ defaults: { systemPrompt: 'Be brief.' } });
  });

  it('leave named steps alone', () => {
    const before = TaskDefaults.parse({ checks: [{ name: 'Tests', command: 'npm test' }] });
    expect(showDefaults(before).checks).toBe('Tests');
    expect(readDefaults({ ...showDefaults(before), checks: 'other' }, before)).toEqual({ defaults: before });
  });

  it('say which field is wrong', () => {
    const read = readDefaults({ ...empty, retries: 'x', model: 'nonsense', timeoutMinutes: '0' }, {});
    expect(Object.keys('errors' in read ? read.errors : {}).sort()).toEqual(['model', 'retries', 'timeoutMinutes']);
  });

  it('are told in one line', () => {
    expect(defaultsWords({ model: 'opus', timeoutSeconds: 3600, checks: ['a', 'b'] })).toBe('opus, 1 h, 2 checks');
    expect(defaultsWords({})).toBe('');
  });
});
