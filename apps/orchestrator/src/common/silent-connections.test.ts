import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { trackSilentConnections } from './silent-connections.js';

describe('trackSilentConnections', () => {
  it('lets a server close that has a connection without a request, and spares one with a request', async () => {
    const server = createServer((_, response) => response.write('begun'));
    const closeSilent = trackSilentConnections(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage];
    const accepted = once(server, 'connection');
    const silent = connect(port, '127.0.0.1');
    await accepted;

    const closed = once(server.close(), 'close');
    const silentClosed = once(silent, 'close');
    closeSilent();
    await silentClosed;
    expect(answer.socket.destroyed).toBe(false);
    server.closeAllConnections();
    await closed;
  });
});
