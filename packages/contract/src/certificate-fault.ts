// What is wrong with the certificate of a server, by the codes of the errors that Node and undici throw. Pure.

/** `untrusted`: nobody whom this machine trusts has signed it. `out_of_time`: it has expired, or a clock is wrong. */
export type CertificateFault = 'untrusted' | 'out_of_time' | 'wrong_name';

const faults = new Map<string, CertificateFault>(
  Object.entries({
    CERT_SIGNATURE_FAILURE: 'untrusted',
    CERT_UNTRUSTED: 'untrusted',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
    SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
    UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
    CERT_HAS_EXPIRED: 'out_of_time',
    CERT_NOT_YET_VALID: 'out_of_time',
    ERR_TLS_CERT_ALTNAME_INVALID: 'wrong_name',
    UND_ERR_PRX_TLS: 'wrong_name',
  }),
);

/** Null when the code tells of something else. */
export function certificateFault(code: unknown): CertificateFault | null {
  return typeof code === 'string' ? (faults.get(code) ?? null) : null;
}

const sentences: Record<CertificateFault, string> = {
  untrusted:
    'its certificate is not trusted here; name the authority that signed it, a PEM file, with NODE_EXTRA_CA_CERTS',
  out_of_time: 'its certificate is not valid at this time; renew it, or set the clock of this machine',
  wrong_name: 'its certificate is for another name; use the name that it was made for',
};

/** What is wrong and what to do, for a server that is no orchestrator; null when the error tells of something else. */
export function certificateTrouble(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  const fault = certificateFault(error.code);
  return fault === null ? null : `${sentences[fault]} (${String(error.code)})`;
}
