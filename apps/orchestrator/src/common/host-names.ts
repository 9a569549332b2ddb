import { isIP } from 'node:net';

/** Whether a host name or address (IPv6 with or without brackets) is this machine's own loopback. */
export function isLoopbackName(name: string): boolean {
  const bare = withoutBrackets(name).toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Whether a host is an IP address: such a name cannot be pointed elsewhere by DNS. */
export function isAddress(name: string): boolean {
  return isIP(withoutBrackets(name)) !== 0;
}

/** Host header → host name, without the port; IPv6 keeps its brackets. */
export function hostNameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function withoutBrackets(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}
