import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { checkHost, checkOrigin } from './origin-rules.js';

describe('checkHost', () => {
  const local = { host: '127.0.0.1', publicUrl: undefined, insecureHttp: false };
  const proxied = { host: '0.0.0.0', publicUrl: 'https://corch.example.org', insecureHttp: false };
  const open = { host: '0.0.0.0', publicUrl: undefined, insecureHttp: true };

  it.each([
    ['localhost:4870', local],
    ['LOCALHOST', local],
    ['127.0.0.1:4870', local],
    ['127.9.9.9', local],
    ['[::1]:4870', local],
    ['corch.example.org', proxied],
    ['Corch.Example.Org', proxied],
    ['192.168.1.5:4870', open],
    [`${hostname()}:4870`, open],
  ])('accepts %s', (host, config) => {
    expect(() => checkHost(host, config)).not.toThrow();
  });

  it.each([
    ['evil.example:4870', local],
    ['localhost.evil.example', local],
    ['127.0.0.1.evil.example', local],
    ['192.168.1.5', local],
    ['', local],
    [undefined, local],
    ['evil.example', proxied],
    ['corch.example.org:8080', proxied],
    ['192.168.1.5', proxied],
    ['evil.example', open],
  ])('refuses %s', (host, config) => {
    expect(() => checkHost(host, config)).toThrow(/host_refused/);
  });
});

describe('checkOrigin', () => {
  const from = (origin?: string, secFetchSite?: string) => ({
    origin,
    secFetchSite,
    ownOrigin: 'http://127.0.0.1:4870',
  });

  it.each([from('http://127.0.0.1:4870'), from('https://corch.example.org'), from(undefined, 'same-origin')])(
    'accepts %j',
    (request) => {
      expect(() => checkOrigin(request, 'https://corch.example.org')).not.toThrow();
    },
  );

  it.each([
    from('http://127.0.0.1:9999'),
    from('https://evil.example', 'same-origin'),
    from('null'),
    from(undefined, 'cross-site'),
    from(undefined, 'same-site'),
    from(),
  ])('refuses %j', (request) => {
    expect(() => checkOrigin(request, 'https://corch.example.org')).toThrow(/origin_refused/);
  });
});
