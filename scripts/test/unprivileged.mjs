import { readFileSync } from 'node:fs';

/**
 * As whom to start a server that refuses to run as root: its own user, or nobody.
 * @param {string} name of the user that its package makes
 * @returns {{ uid: number, gid: number } | undefined} nothing when this process is not root's
 */
export function unprivilegedOwner(name) {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([user, , uid, gid]) => [user, { uid: Number(uid), gid: Number(gid) }]),
  );
  return users.get(name) ?? users.get('nobody');
}
