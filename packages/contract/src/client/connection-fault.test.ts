import { describe, expect, it } from '@jest/globals';
import { connectionFault, proxyFault } from './connection-fault.js';

const direct = { baseUrl: 'https://corch.example', proxy: null };
const proxied = { ...direct, proxy: 'http://p:3128' };
const coded = (code: string, message = code) => Object.assign(new Error(message), { code });
/** As `fetch` wraps it. */
const failed = (cause: Error) => Object.assign(new TypeError('fetch failed'), { cause });

describe('connectionFault', () => {
  it.each([
    [coded('SELF_SIGNED_CERT_IN_CHAIN'), direct, 'trust', /corch.example is not trusted here/, /--ca-file/],
    [failed(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), proxied, 'trust', /is not trusted here/, /CORCH_CA_FILE/],
    [coded('CERT_HAS_EXPIRED'), direct, 'trust', /not valid at this time/, /clock/],
    [failed(coded('ERR_TLS_CERT_ALTNAME_INVALID')), direct, 'trust', /for another name/, /name that it was made for/],
    [failed(coded('ENOTFOUND')), direct, 'name', /name of https:\/\/corch.example cannot be resolved/, /HTTPS_PROXY/],
    [failed(coded('ENOTFOUND')), proxied, 'proxy', /proxy http:\/\/p:3128 has a name that cannot/, /NO_PROXY/],
    [failed(coded('ECONNREFUSED')), proxied, 'proxy', /proxy http:\/\/p:3128 does not answer/, /NO_PROXY/],
    [failed(new Error('Proxy response (407) !== 200 when HTTP Tunneling')), proxied, 'proxy', /407/, /NAME:PASSWORD/],
    [failed(new Error('Proxy Authentication Required (407)')), proxied, 'proxy', /407/, /NAME:PASSWORD/],
    [failed(new Error('Proxy response (403) !== 200 when HTTP Tunneling')), proxied, 'proxy', /HTTP 403/, /let this/],
  ])('%s to %j is of kind %s', (error, destination, kind, message, hint) => {
    const fault = connectionFault(error, destination);
    expect(fault).toMatchObject({ kind, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  });

  it.each([
    [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), /connect ECONNREFUSED 127.0.0.1:1$/],
    [failed(new Error('other side closed')), /: other side closed$/],
    [Object.assign(new AggregateError([coded('ECONNREFUSED', 'a')], ''), { code: 'ECONNREFUSED' }), /: a$/],
    [failed(new Error('')), /the connection failed$/],
    ['text', /the connection failed$/],
  ])('%s is an outage that may pass', (error, message) => {
    const fault = connectionFault(error, direct);
    expect(fault).toMatchObject({ kind: 'other', message: expect.stringMatching(message), hint: undefined });
  });

  it('names the orchestrator where there is no address', () => {
    expect(connectionFault(null, { baseUrl: '', proxy: null }).message).toMatch(/^no answer from the orchestrator/);
    expect(proxyFault(407, direct).message).toMatch(/^the proxy in between/);
  });
});
