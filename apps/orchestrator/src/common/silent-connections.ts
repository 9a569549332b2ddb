import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Knows the connections of a server that have not sent a request yet. Clients open them in reserve (Node's fetch does after an
 * aborted stream), and neither `close` nor `closeIdleConnections` ends them: a stop would wait for nothing.
 * @returns a function that ends them
 */
export function trackSilentConnections(server: Server): () => void {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return () => silent.forEach((socket) => socket.destroy());
}
