import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** Where names lead that only this proxy knows. */
export type Names = Readonly<Record<string, string>>;

/**
 * A proxy as networks have them: it tunnels (CONNECT) and fetches plain pages, notes what for, and may want a name and password.
 * Names that it knows lead to this machine, so that nothing gets there without it.
 */
export class ForwardProxy {
  /** Targets of tunnels, `host:port`, in order. */
  readonly tunnels: string[] = [];
  /** Pages that were asked for without a tunnel. */
  readonly pages: string[] = [];
  /** How many were sent away for want of the right name and password. */
  refused = 0;
  /** Answers every wish with this instead. */
  status: number | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly names: Names,
    private readonly credentials: string | undefined,
  ) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket.once('close', () => this.sockets.delete(socket)));
    });
    server.on('connect', (wish: IncomingMessage, socket: Socket) => this.tunnel(wish, socket));
    server.on('request', (wish: IncomingMessage, response: ServerResponse) => this.fetch(wish, response));
  }

  /** @param credentials `name:password`, when it wants one */
  static async open(names: Names = {}, credentials?: string): Promise<ForwardProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ForwardProxy(server, names, credentials);
  }

  get url(): string {
    const own = this.credentials === undefined ? '' : `${this.credentials}@`;
    return `http://${own}127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resets every open connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  private refusal(wish: IncomingMessage): number | undefined {
    if (this.status !== undefined) return this.status;
    if (this.credentials === undefined) return undefined;
    const wanted = `Basic ${Buffer.from(this.credentials).toString('base64')}`;
    if (wish.headers['proxy-authorization'] === wanted) return undefined;
    this.refused++;
    return 407;
  }

  private tunnel(wish: IncomingMessage, socket: Socket): void {
    const target = wish.url ?? '';
    const refusal = this.refusal(wish);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    this.tunnels.push(target);
    const [, name = '', port = ''] = /^(.*):(\d+)$/.exec(target) ?? [];
    const far = connect(Number(port), this.names[name] ?? name);
    this.sockets.add(far.once('close', () => this.sockets.delete(far)));
    far.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    for (const [from, to] of [[far, socket] as const, [socket, far] as const]) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  private fetch(wish: IncomingMessage, response: ServerResponse): void {
    const refusal = this.refusal(wish);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const { pathname, search, hostname, port } = new URL(wish.url ?? '');
    this.pages.push(`${wish.method} ${pathname}`);
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = wish.headers;
    const to = { host: this.names[hostname] ?? hostname, port, path: pathname + search, method: wish.method, headers };
    const far = request(to, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    far.on('error', () => response.destroy());
    response.on('close', () => far.destroy());
    wish.pipe(far);
  }
}
