import { describe, expect, it } from '@jest/globals';
import { readSubmodules, submoduleSource } from './submodule-source.js';

const remote = { address: 'https://git.example.org/acme/shop.git', isLocal: false, mirrorName: 'm' };
const scp = { address: 'git@git.example.org:acme/shop.git', isLocal: false, mirrorName: 'm' };
const local = { address: '/srv/shop', isLocal: true, mirrorName: 'm' };

describe('submoduleSource', () => {
  it.each([
    ['https://other.example.org/lib.git', remote, { url: 'https://other.example.org/lib.git' }],
    ['git@other.example.org:lib.git', remote, { url: 'git@other.example.org:lib.git' }],
    ['../lib.git', remote, { url: 'https://git.example.org/acme/lib.git' }],
    ['../../other/lib', remote, { url: 'https://git.example.org/other/lib' }],
    ['./lib', remote, { url: 'https://git.example.org/acme/shop.git/lib' }],
    ['../lib.git', scp, { url: 'git@git.example.org:acme/lib.git' }],
    ['../lib', local, { path: '/srv/lib' }],
    ['/srv/lib', local, { path: '/srv/lib' }],
    ['https://other.example.org/lib.git', local, { url: 'https://other.example.org/lib.git' }],
  ])('%s', (url, parent, source) => expect(submoduleSource(url, parent)).toEqual(source));

  it.each([
    '/etc',
    'file:///etc',
    'ext::sh -c true',
    '-u./evil',
    'ssh://-oProxyCommand=true/x',
    '../../../../lib',
    'https://user:secret@h/x',
    'C:\\lib',
    'lib',
    '',
  ])('follows no %s', (url) => expect(submoduleSource(url, remote)).toBeNull());
});

describe('readSubmodules', () => {
  it('takes those with a path and an address, whatever their names', () => {
    const printed = [
      'submodule.a.b.path\nlib',
      'submodule.a.b.url\n../lib',
      'submodule.half.path\nhalf',
      'submodule.new\nline.path\nn\nl',
      'submodule.new\nline.url\nu',
      '',
    ].join('\0');
    expect(readSubmodules(printed)).toEqual([
      { name: 'a.b', path: 'lib', url: '../lib' },
      { name: 'new\nline', path: 'n\nl', url: 'u' },
    ]);
  });
});
