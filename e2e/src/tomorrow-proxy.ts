import { once } from 'node:events';
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

const news = { ofTomorrow: { not: 'known', here: [1] } };

/** Makes either side look newer than it is: every JSON body and every streamed message gets fields that nobody knows yet. */
export class TomorrowProxy {
  /** Bodies and messages that got something, by direction. */
  readonly enriched = { up: 0, down: 0 };

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('request', (wish: IncomingMessage, answer: ServerResponse) => this.pass(wish, answer));
  }

  static async open(url: string): Promise<TomorrowProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TomorrowProxy(server, new URL(url));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private pass(wish: IncomingMessage, answer: ServerResponse): void {
    const { hostname, port } = this.target;
    const { 'content-length': _, ...headers } = wish.headers;
    const far = request({ hostname, port, path: wish.url, method: wish.method, headers }, (reply) => {
      const { 'content-length': __, ...kept } = reply.headers;
      answer.writeHead(reply.statusCode ?? 502, kept);
      answer.flushHeaders();
      if (reply.headers['content-type']?.startsWith('text/event-stream')) this.passStream(reply, answer);
      else void this.passBody(reply, answer, 'down');
    });
    far.on('error', () => answer.destroy());
    answer.on('close', () => far.destroy());
    void this.passBody(wish, far, 'up');
  }

  private async passBody(
    from: IncomingMessage,
    to: ServerResponse | ClientRequest,
    direction: 'up' | 'down',
  ): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of from) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const isJson = from.headers['content-type']?.includes('json') === true && body.length > 0;
      to.end(isJson ? this.enrich(body.toString('utf8'), direction) : body);
    } catch {
      to.destroy();
    }
  }

  /** Message by message; pings and names of events stay as they are. */
  private passStream(from: IncomingMessage, to: ServerResponse): void {
    from.setEncoding('utf8');
    let rest = '';
    from.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const said = lines.map((line) =>
        line.startsWith('data: {') ? `data: ${this.enrich(line.slice('data: '.length), 'down')}` : line,
      );
      if (said.length > 0) to.write(`${said.join('\n')}\n`);
    });
    from.on('end', () => to.end(rest));
    from.on('error', () => to.destroy());
  }

  private enrich(text: string, direction: 'up' | 'down'): string {
    this.enriched[direction]++;
    return JSON.stringify(deep(JSON.parse(text)));
  }
}

/** Each object gets the news, except maps that somebody else filled: what a tool was called with, an answer's own shape. */
function deep(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => deep(item));
  if (typeof value !== 'object' || value === null) return value;
  const isTheirs = ['input', 'line', 'structured', 'answerSchema', 'mcpServers', 'models'].includes(key);
  const own = Object.entries(value).map(([name, item]) => [name, isTheirs ? item : deep(item, name)] as const);
  return { ...Object.fromEntries(own), ...(isTheirs ? {} : news) };
}
