// A PostgreSQL server that a test may stop, and a proxy in front of it that loses answers.
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface PostgresServer {
  readonly url: string;
  halt(how?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one with these settings; the test stops it. */
export async function startPostgresServer(settings: Record<string, string | number> = {}): Promise<PostgresServer> {
  const script = new URL('../../../../scripts/test/postgres.mjs', import.meta.url).href;
  const { startPostgres } = (await import(script)) as {
    startPostgres: (settings: Record<string, string | number>) => Promise<PostgresServer>;
  };
  return startPostgres(settings);
}

export interface LossyProxy {
  /** The server's address, by way of the proxy. */
  readonly url: string;
  /** Of the statements to come that hold `text`, lets `after` pass; the answers to the next `times` are lost with their connections. */
  loseAnswersTo(text: string, times: number, after?: number): void;
  /** Answers that were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** Passes everything on, except the answers that it is told to lose: the server has done the work, and nobody hears of it. */
export async function openLossyProxy(server: string): Promise<LossyProxy> {
  const target = new URL(server);
  const sockets = new Set<Socket>();
  const plan = { text: '', after: 0, left: 0, lost: 0 };
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isDoomed = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (plan.left > 0 && chunk.includes(plan.text) && plan.after-- <= 0) {
        isDoomed = true;
        plan.left--;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (!isDoomed) return void client.write(chunk);
      plan.lost++;
      end();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(server);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    loseAnswersTo: (text, times, after = 0) => void Object.assign(plan, { text, after, left: times, lost: 0 }),
    lost: () => plan.lost,
    close: async () => {
      const closed = once(proxy, 'close');
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
