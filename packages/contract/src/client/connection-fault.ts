// Why no answer came, in words with a next step. Pure: it reads the codes of the errors that Node and undici throw.
import { certificateFault } from '../certificate-fault.js';

/**
 * `trust`: the certificate. `proxy`: what lies in between. `name`: the address. `answer`: one that does not fit. `other`: anything
 * else, mostly an outage.
 */
export type FaultKind = 'trust' | 'proxy' | 'name' | 'answer' | 'other';

export interface ConnectionFault {
  readonly kind: FaultKind;
  readonly message: string;
  /** What to do next; undefined when only waiting helps. */
  readonly hint: string | undefined;
}

/** Where a call was going, and through what. */
export interface Destination {
  /** Empty in a browser that was served by the orchestrator. */
  readonly baseUrl: string;
  /** The address of the proxy in between, without credentials. */
  readonly proxy: string | null;
}

const unresolved = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME']);
const noAnswer = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** What an attempt that brought no answer means. */
export function connectionFault(error: unknown, destination: Destination): ConnectionFault {
  const where = destination.baseUrl || 'the orchestrator';
  const facts = chain(error);
  const code = facts.find((one) => one.code !== undefined && isKnown(one.code))?.code;
  const certificate = certificateFault(code);
  if (certificate === 'untrusted') {
    const hint = 'Name the certificate authority that signed it, a PEM file, with --ca-file or CORCH_CA_FILE.';
    return { kind: 'trust', message: `the certificate of ${where} is not trusted here (${code})`, hint };
  }
  if (certificate === 'out_of_time') {
    const hint = 'Renew it there, or set the clock of this machine.';
    return { kind: 'trust', message: `the certificate of ${where} is not valid at this time (${code})`, hint };
  }
  if (certificate === 'wrong_name') {
    const hint = 'Use the name that it was made for, or have another made for this one.';
    return { kind: 'trust', message: `the certificate of ${where} is for another name (${code})`, hint };
  }
  const status = facts.flatMap(({ message }) => proxyStatus(message) ?? [])[0];
  if (status !== undefined) return proxyFault(status, destination);
  const [isLost, hasNoAnswer] = [unresolved, noAnswer].map((codes) => code !== undefined && codes.has(code));
  if (destination.proxy !== null && (isLost || hasNoAnswer)) {
    const message = `the proxy ${destination.proxy} ${isLost ? 'has a name that cannot be resolved' : 'does not answer'}`;
    const hint = `Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY to go around it.`;
    return { kind: 'proxy', message: `${message} (${code})`, hint };
  }
  if (isLost) {
    const hint = 'Check the address and the DNS of this machine; if a proxy has to be used, name it with HTTPS_PROXY.';
    return { kind: 'name', message: `the name of ${where} cannot be resolved (${code})`, hint };
  }
  return { kind: 'other', message: `no answer from ${where}: ${lastWords(facts)}`, hint: undefined };
}

/** The proxy answered instead of the orchestrator. */
export function proxyFault(status: number, { baseUrl, proxy }: Destination): ConnectionFault {
  const who = `the proxy ${proxy ?? 'in between'}`;
  if (status === 407) {
    const hint =
      'Put name and password into its address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT (HTTP_PROXY for http).';
    return { kind: 'proxy', message: `${who} wants another name and password (HTTP 407)`, hint };
  }
  const hint = 'Ask whoever runs it to let this address through, or name the host in NO_PROXY to go around it.';
  return { kind: 'proxy', message: `${who} does not let us through to ${baseUrl} (HTTP ${status})`, hint };
}

interface Fact {
  readonly code: string | undefined;
  readonly message: string;
}

/** The error, what caused it, and so on; of several attempts side by side (IPv4 and IPv6) each. */
function chain(error: unknown, depth = 0): Fact[] {
  if (typeof error !== 'object' || error === null || depth > 8) return [];
  const { code, message, cause, errors } = error as Record<string, unknown>;
  const fact = {
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : '',
  };
  const beside = Array.isArray(errors) ? errors.flatMap((one: unknown) => chain(one, depth + 1)) : [];
  return [fact, ...chain(cause, depth + 1), ...beside];
}

function isKnown(code: string): boolean {
  return certificateFault(code) !== null || unresolved.has(code) || noAnswer.has(code);
}

/** undici has no field for it. */
function proxyStatus(message: string): number | undefined {
  const [, tunnel, page] =
    /^Proxy response \((\d{3})\) !== 200|^Proxy Authentication Required \((407)\)/.exec(message) ?? [];
  const status = tunnel ?? page;
  return status === undefined ? undefined : Number(status);
}

/** `fetch failed` says nothing; what it was caused by does. */
function lastWords(facts: readonly Fact[]): string {
  const said = facts.filter(({ message }) => message !== '' && !/^(fetch failed|Network Error)$/.test(message));
  return said[0]?.message ?? facts.find(({ code }) => code !== undefined)?.code ?? 'the connection failed';
}
