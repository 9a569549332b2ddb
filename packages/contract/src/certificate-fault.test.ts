import { describe, expect, it } from '@jest/globals';
import { certificateFault, certificateTrouble } from './certificate-fault.js';

const coded = (code: string) => Object.assign(new Error('words of OpenSSL'), { code });

describe('certificateTrouble', () => {
  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted here.*NODE_EXTRA_CA_CERTS.*\(SELF_SIGNED_CERT_IN_CHAIN\)$/],
    ['CERT_HAS_EXPIRED', /not valid at this time.*clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/],
  ])('says what %s means and what to do', (code, words) => {
    expect(certificateTrouble(coded(code))).toMatch(words);
  });

  it('says nothing about other errors', () => {
    for (const error of [coded('ECONNREFUSED'), new Error('plain'), 'text', null, undefined]) {
      expect(certificateTrouble(error)).toBeNull();
    }
    expect(certificateFault('toString')).toBeNull();
  });
});
