import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `up`: from the worker to the orchestrator. `down`: its answers. */
export type Direction = 'up' | 'down';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes were swallowed: what comes later would make no sense to either end. */
  torn: boolean;
}

/**
 * A TCP proxy that fails like networks do. Cut: both ends see a reset. Black hole: connections stay open and are taken,
 * what they carry is swallowed, and neither end is told anything, not even that the other one has gone. Delay: everything
 * arrives, later.
 */
export class HalfOpenProxy {
  private readonly pairs = new Set<Pair>();
  private swallowed: readonly Direction[] = [];
  private isRefusing = false;
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {
    server.on('connection', (client: Socket) => this.join(client));
  }

  /** Listens on a free port of the loopback and passes everything on to the host and port of `url`. */
  static async open(url: string): Promise<HalfOpenProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HalfOpenProxy(server, { host: hostname, port: Number(port) });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The address to give to those who shall feel the faults. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Whole again. Connections that lost bytes are reset, as a router does that has forgotten them. */
  pass(): void {
    this.swallowed = [];
    this.isRefusing = false;
    this.delayMs = 0;
    for (const pair of this.pairs) if (pair.torn) reset(pair);
  }

  /** Resets every open connection; new ones pass. */
  cut(): void {
    for (const pair of this.pairs) reset(pair);
  }

  /** Resets every open connection and every new one. */
  refuse(): void {
    this.isRefusing = true;
    this.cut();
  }

  /** Swallows what goes in these directions; both by default. */
  blackHole(...directions: Direction[]): void {
    this.swallowed = directions.length > 0 ? directions : ['up', 'down'];
  }

  /** Holds every piece back for so long. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  private join(client: Socket): void {
    if (this.isRefusing) return void client.resetAndDestroy();
    const server = connect({ ...this.target, allowHalfOpen: true });
    const pair: Pair = { client, server, torn: false };
    this.pairs.add(pair);
    this.pump(pair, client, server, 'up');
    this.pump(pair, server, client, 'down');
  }

  private pump(pair: Pair, from: Socket, to: Socket, direction: Direction): void {
    const forward = (pass: () => void) => {
      if (this.swallowed.includes(direction)) pair.torn = true;
      else if (this.delayMs > 0) setTimeout(pass, this.delayMs);
      else pass();
    };
    from.on('data', (bytes: Buffer) => forward(() => to.write(bytes)));
    from.on('end', () => forward(() => to.end()));
    from.on('error', () => forward(() => reset(pair)));
    from.on('close', () => {
      if (pair.client.destroyed && pair.server.destroyed) this.pairs.delete(pair);
    });
  }
}

function reset({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
