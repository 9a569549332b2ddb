import { describe, expect, it } from '@jest/globals';
import { SubmitTask } from '@corch/contract';
import { noSuch, urlHash, withDefaults } from './repository-rules.js';

describe('withDefaults', () => {
  it('fills in what was not given, also where the contract has a default of its own', () => {
    const asked = SubmitTask.parse({ prompt: 'x', pool: 'default' });
    const given = ['prompt', 'pool'];
    expect(withDefaults(asked, given, { pool: 'gpu', permissionPolicy: 'plan', model: undefined })).toMatchObject({
      pool: 'default',
      permissionPolicy: 'plan',
    });
  });
});

describe('urlHash', () => {
  it('is the same for spellings of an address, and null for none', () => {
    expect(urlHash('https://A.org/x.git')).toBe(urlHash('https://a.org/x/'));
    expect(urlHash('ext::sh -c id')).toBeNull();
  });
});

it('says what is missing as one sentence', () => {
  expect(noSuch('apo', ['api'])).toBe('There is no repository apo; did you mean api?');
  expect(noSuch('kernel', ['api'])).toBe('There is no repository kernel.');
});
