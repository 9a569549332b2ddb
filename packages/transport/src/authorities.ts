import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Environment } from './proxy-settings.js';
import { TransportError } from './transport-error.js';

/**
 * The certificate authorities to trust: those of Node, of NODE_EXTRA_CA_CERTS and of the file. Naming any replaces Node's own list, so
 * all three are given together.
 * @throws TransportError when the file cannot be read or holds no certificates
 */
export function readAuthorities(file: string, environment: Environment): string[] {
  const own = readCertificates(file);
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  return [...rootCertificates, ...(extra === undefined || extra === '' ? [] : readExtra(extra)), ...own];
}

function readCertificates(file: string): string[] {
  const what = `The file of certificate authorities ${file}`;
  const next = 'Name a PEM file with --ca-file or CORCH_CA_FILE.';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TransportError(`${what} cannot be read: ${(error as Error).message}.`, next, { cause: error });
  }
  const found = certificatesIn(text);
  if (found.length === 0) throw new TransportError(`${what} holds no certificate in PEM form.`, next);
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw new TransportError(`${what} holds a certificate that cannot be read (number ${index + 1}).`, next, {
        cause: error,
      });
    }
  }
  return found;
}

/** Node itself warns of a file that it cannot read and goes on without it. */
function readExtra(file: string): string[] {
  try {
    return certificatesIn(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
