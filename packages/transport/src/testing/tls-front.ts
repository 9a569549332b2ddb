import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { createCA, createCert } from 'mkcert';

/** A private certificate authority, and a certificate that it made for one name. */
export interface Certificates {
  /** PEM. */
  readonly authority: string;
  readonly key: string;
  readonly certificate: string;
}

/** Makes both anew. @param validity days; negative for one that has expired */
export async function makeCertificates(name: string, validity = 2): Promise<Certificates> {
  const place = { organization: 'Test', countryCode: 'CH', state: 'Bern', locality: 'Bern' };
  const ca = await createCA({ ...place, validity: 2 });
  const { key, cert } = await createCert({ ca, domains: [name], validity });
  return { authority: ca.cert, key, certificate: cert };
}

/** A reverse proxy as it stands before an orchestrator: it speaks TLS, and passes on what it hears. */
export class TlsFront {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param port of the server behind it, or 0 when that is not known yet; see {@link lead} */
  static async open(certificates: Certificates, port = 0): Promise<TlsFront> {
    const server = createServer({ key: certificates.key, cert: certificates.certificate });
    const front = new TlsFront(server);
    front.target = port;
    server.on('secureConnection', (socket) => front.join(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return front;
  }

  private target = 0;

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Passes on to this port of the loopback from now on. */
  lead(port: number): void {
    this.target = port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}
