/** A key for one attempt at a request: repeating it with the same key does not do the thing twice. */
export function newIdempotencyKey(): string {
  // `crypto.randomUUID` is missing on plain http beyond loopback.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
