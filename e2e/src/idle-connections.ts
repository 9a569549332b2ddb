import { connect, type Socket } from 'node:net';

/** Version 3.0 of PostgreSQL's protocol, as its start message says it. */
const protocol = 3 << 16;

/**
 * Opens connections to a PostgreSQL server and leaves them idle, up to `count`, signed in as `user` without a password.
 * Each that finds no place tries again, so that whatever becomes free is taken.
 */
export async function openIdleConnections(server: string, user: string, count: number): Promise<{ close: () => void }> {
  const { hostname, port } = new URL(server);
  const facts = Buffer.from(['user', user, 'database', 'postgres', '', ''].join('\0'));
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + facts.length, 0);
  head.writeInt32BE(protocol, 4);
  const hello = Buffer.concat([head, facts]);
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = () =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname);
      sockets.add(socket);
      socket.on('error', () => resolve());
      socket.once('data', () => resolve());
      socket.on('close', () => {
        sockets.delete(socket);
        resolve();
        if (!isOver) setTimeout(() => void (isOver || open()), 20);
      });
      socket.write(hello);
    });
  await Promise.all(Array.from({ length: count }, open));
  return {
    close: () => {
      isOver = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}
