import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from '@corch/transport/testing';
import { freePort } from '../../scripts/test/free-port.mjs';
import { startRedis } from '../../scripts/test/redis.mjs';

/** A Redis as hosters offer it: TLS alone, a name and a password, one's own keys, and no word about its version and settings. */
export interface TlsRedis {
  readonly url: string;
  /** What every key has to begin with. */
  readonly prefix: string;
  stop(): Promise<void>;
}

/** @param folder an empty one for its files */
export async function startTlsRedis(folder: string, { key, certificate }: Certificates): Promise<TlsRedis> {
  const prefix = 'corch-hosted';
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const port = await freePort();
  const rights = `~${prefix}:* &${prefix}:* +@all -info -config -@admin`;
  const redis = await startRedis({
    ...{ port: '0', 'tls-port': String(port), 'tls-auth-clients': 'no' },
    ...{ 'tls-key-file': file('redis.key', key), 'tls-cert-file': file('redis.pem', certificate) },
    aclfile: file('users.acl', `user default off\nuser corch on >secret ${rights}\n`),
  });
  return { url: `rediss://corch:secret@localhost:${port}`, prefix, stop: () => redis.stop() };
}
