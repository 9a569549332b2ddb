import { expect, it } from '@jest/globals';
import { nearest } from './nearest.js';

const known = ['api', 'website', 'mobile-app'];

it.each([
  ['apo', 'api'],
  ['API', 'api'],
  ['web', 'website'],
  ['webiste', 'website'],
  ['mobil-app', 'mobile-app'],
])('%s is most like %s', (name, expected) => {
  expect(nearest(name, known)).toBe(expected);
});

it('suggests nothing that is not like it', () => {
  expect(nearest('kernel', known)).toBeUndefined();
  expect(nearest('api', [])).toBeUndefined();
});
