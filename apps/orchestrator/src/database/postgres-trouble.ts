// Why a PostgreSQL server cannot be used, with what to do about it. Pure: it reads the errors of pg and Node.
import { certificateFault } from '@corch/contract';

export interface PostgresTrouble {
  readonly message: string;
  readonly hint: string;
}

const readAbout = 'docs/hosted-stores.md shows whole addresses.';

/** What the first connection failed with. */
export function postgresTrouble(error: unknown): PostgresTrouble {
  const words = error instanceof Error ? error.message : String(error);
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const certificate = certificateFault(code);
  if (certificate === 'untrusted') {
    return {
      message: `The certificate of the PostgreSQL server is not trusted here (${String(code)}).`,
      hint: `Name the authority that signed it, a PEM file: \`?sslmode=verify-full&sslrootcert=FILE\` in DATABASE_URL, or NODE_EXTRA_CA_CERTS. ${readAbout}`,
    };
  }
  if (certificate === 'wrong_name') {
    return {
      message: 'The certificate of the PostgreSQL server is for another name.',
      hint: 'Use the name that it was made for as the host of DATABASE_URL.',
    };
  }
  if (certificate === 'out_of_time') {
    return {
      message: `The certificate of the PostgreSQL server is not valid at this time (${String(code)}).`,
      hint: 'Renew it there, or set the clock of this machine.',
    };
  }
  if (/does not support SSL/i.test(words)) {
    return {
      message: 'The PostgreSQL server speaks no TLS, which DATABASE_URL asks for with sslmode.',
      hint: 'Let the server speak it, or, in a network that you trust, take sslmode out of the address.',
    };
  }
  // PostgreSQL and PgBouncer, each in its own words.
  if (/no encryption|SSL off|SSL (connection is )?required/i.test(words)) {
    return {
      message: `The PostgreSQL server wants TLS: ${words}.`,
      hint: `Add \`?sslmode=verify-full\` to DATABASE_URL. ${readAbout}`,
    };
  }
  if (code === 'ENOENT' || code === 'EACCES') {
    return {
      message: `A file that DATABASE_URL names cannot be read: ${words}.`,
      hint: 'Check the path behind sslrootcert, sslcert or sslkey, and that this user may read it.',
    };
  }
  return {
    message: `The PostgreSQL database does not answer: ${words}.`,
    hint: 'Check DATABASE_URL and that the server runs.',
  };
}
