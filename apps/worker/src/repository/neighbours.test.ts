import { expect, it } from '@jest/globals';
import { isOwnOrNeighbour } from './neighbours.js';

const own = 'https://git.example.org/acme/api.git';

it.each([
  ['itself', own],
  ['itself, written otherwise', 'https://Git.example.org/acme/api/'],
  ['another repository of its owner', 'https://git.example.org/acme/lib.git'],
])('opens %s', (_, address) => {
  expect(isOwnOrNeighbour(address, own)).toBe(true);
});

it.each([
  ['another owner', 'https://git.example.org/other/lib.git'],
  ['one further down', 'https://git.example.org/acme/api/lib.git'],
  ['another server', 'https://git.example.com/acme/lib.git'],
  ['another port', 'https://git.example.org:8443/acme/lib.git'],
  ['the same in the clear', 'http://git.example.org/acme/lib.git'],
  ['what only looks like a neighbour', 'https://git.example.org/acme/..%2Fother%2Flib.git'],
  ['the folder above', 'https://git.example.org/acme/..'],
])('does not open %s', (_, address) => {
  expect(isOwnOrNeighbour(address, own)).toBe(false);
});
