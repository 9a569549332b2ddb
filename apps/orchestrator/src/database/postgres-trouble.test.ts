import { describe, expect, it } from '@jest/globals';
import { postgresTrouble } from './postgres-trouble.js';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

describe('postgresTrouble', () => {
  it.each([
    [coded('SELF_SIGNED_CERT_IN_CHAIN'), /not trusted here/, /sslrootcert=FILE/],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), /for another name/, /host of DATABASE_URL/],
    [coded('CERT_HAS_EXPIRED'), /not valid at this time/, /clock/],
    [new Error('The server does not support SSL connections'), /speaks no TLS/, /sslmode/],
    [
      coded('28000', 'no pg_hba.conf entry for host "127.0.0.1", user "a", database "b", no encryption'),
      /wants TLS/,
      /verify-full/,
    ],
    [coded('08P01', 'SSL required'), /wants TLS/, /verify-full/],
    [coded('ENOENT', "ENOENT: no such file or directory, open '/ca.pem'"), /open '\/ca.pem'/, /sslrootcert/],
    [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), /does not answer: connect ECONNREFUSED/, /server runs/],
    ['text', /does not answer: text/, /DATABASE_URL/],
  ])('%s has a reason and a next step', (error, message, hint) => {
    const trouble = postgresTrouble(error);
    expect(trouble).toEqual({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  });
});
