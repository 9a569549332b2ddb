// What a Redis server must be like. Pure.

/** As far as the server told. */
export interface RedisFacts {
  readonly version: string | undefined;
  /** Its `maxmemory-policy`. */
  readonly policy: string | undefined;
}

export interface RedisFinding {
  /** `unfit`: it must not be used; `unknown`: it may be. */
  readonly kind: 'unfit' | 'unknown';
  readonly message: string;
  readonly hint: string;
}

/** BullMQ 6 needs commands of this version. */
const oldest = [6, 2];

/** What is wrong with a server; null when nothing is known to be. */
export function judgeRedis({ version, policy }: RedisFacts): RedisFinding | null {
  if (version !== undefined && isOlder(version)) {
    return {
      kind: 'unfit',
      message: `Redis ${version} is too old.`,
      hint: `Use Redis ${oldest.join('.')} or newer.`,
    };
  }
  if (policy !== undefined && policy !== 'noeviction') {
    return {
      kind: 'unfit',
      message: `Redis may throw away keys when its memory is full (maxmemory-policy ${policy}).`,
      hint: 'Set `maxmemory-policy noeviction` in its configuration, or use another server with REDIS_URL.',
    };
  }
  if (version !== undefined && policy !== undefined) return null;
  return {
    kind: 'unknown',
    message: 'Redis does not tell its version and maxmemory-policy.',
    hint: 'Make sure that the policy is noeviction.',
  };
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
