import { describe, expect, it } from '@jest/globals';
import { proxyFor } from './proxy-settings.js';
import { TransportError } from './transport-error.js';

const far = 'https://corch.example';

describe('proxyFor', () => {
  it.each([
    [far, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    [far, { https_proxy: 'http://q:1', HTTPS_PROXY: 'http://p:1' }, 'http://q:1'],
    [far, { https_proxy: '', HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    [far, { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
    [far, { HTTPS_PROXY: 'https://p:3129/' }, 'https://p:3129'],
    [far, { HTTP_PROXY: 'http://p:1' }, undefined],
    [far, {}, undefined],
    ['http://corch.example', { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://q:1' }, 'http://p:1'],
    ['http://127.0.0.1:4870', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['https://localhost:4870', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['http://[::1]:4870', { HTTP_PROXY: 'http://p:1' }, undefined],
  ])('for %s with %j is %s', (target, environment, shownAs) => {
    expect(proxyFor(target, environment)?.shownAs).toBe(shownAs);
  });

  it('keeps name and password for the connection, and out of what people see', () => {
    const proxy = proxyFor(far, { HTTPS_PROXY: 'http://me:hunter%202@p:1', no_proxy: 'a,b', NO_PROXY: 'c' });
    expect(proxy).toEqual({ url: 'http://me:hunter%202@p:1/', shownAs: 'http://p:1', noProxy: 'a,b' });
  });

  it.each(['socks5://me:hunter2@p:1', 'http://', 'http://me:hunter2@'])('refuses %s without showing it', (value) => {
    let thrown: unknown;
    try {
      proxyFor(far, { HTTPS_PROXY: value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TransportError);
    const { message, hint } = thrown as TransportError;
    expect(message).toContain('HTTPS_PROXY');
    expect(message + hint).not.toContain('hunter2');
  });
});
