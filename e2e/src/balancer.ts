import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A load balancer without a memory: each connection goes to the next server that takes it. */
export class Balancer {
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  private constructor(
    private readonly server: Server,
    private readonly urls: () => readonly string[],
  ) {
    server.on('connection', (client: Socket) => this.join(client, this.urls().length));
  }

  /** Listens on a free port of the loopback; `urls` are the servers at this moment. */
  static async open(urls: () => readonly string[]): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server, urls);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(client: Socket, triesLeft: number): void {
    const urls = this.urls();
    const next = urls[this.turn++ % urls.length];
    if (next === undefined || triesLeft === 0) return void client.destroy();
    const { hostname, port } = new URL(next);
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const refused = () => this.join(client, triesLeft - 1);
    upstream.once('error', refused);
    upstream.once('connect', () => {
      upstream.off('error', refused);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
      }
      client.pipe(upstream).pipe(client);
    });
  }
}
