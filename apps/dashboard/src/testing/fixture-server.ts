// An HTTP server that speaks the contract from memory, so that the dashboard can be seen and tested without an orchestrator.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import {
  errorRow,
  followedRun,
  routes,
  type Changed,
  type ErrorCode,
  type Route,
  type RouteName,
  type Scope,
  type StreamQuery,
} from '@corch/contract';
import { z } from 'zod';
import { answerers, type Asked } from './fixture-answers.js';
import { Failure } from './fixture-failure.js';
import { sampleWorld, type World } from './fixture-world.js';

export interface FixtureOptions {
  port?: number;
  /** The built dashboard; without it only the API is served. */
  dashboardDir?: string;
  world?: World;
  scope?: Scope;
  /** Whether a browser without a cookie counts as signed in. */
  open?: boolean;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Stricter than what the orchestrator sends: also no inline styles. */
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

export class FixtureServer {
  readonly world: World;
  scope: Scope;
  /** When set, every request is answered with this error. */
  failWith: ErrorCode | null = null;
  private readonly server: Server;
  private readonly watchers = new Set<ServerResponse>();
  private readonly readers = new Map<string, Set<ServerResponse>>();
  /** Everything that was asked for, `METHOD path`. */
  readonly asked: string[] = [];

  private constructor(private readonly options: FixtureOptions) {
    this.world = options.world ?? sampleWorld();
    this.scope = options.scope ?? 'admin';
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  static async start(options: FixtureOptions = {}): Promise<FixtureServer> {
    const fixture = new FixtureServer(options);
    await fixture.listen(options.port ?? 0);
    return fixture;
  }

  private listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the fixture server does not listen');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ends all streams and stops listening, like an orchestrator that goes away. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Tells every open page that something changed. */
  notify(topic: Changed['topic'], id: string): void {
    for (const watcher of this.watchers) send(watcher, 'changed', { topic, id });
  }

  /** Adds an event to a run and sends it to whoever follows. */
  append(runId: string, event: { seq: number; type: string }): void {
    this.world.events.get(runId)?.push(event as never);
    for (const reader of this.readers.get(runId) ?? [])
      send(reader, 'run', { runId, data: [event], lastSeq: event.seq });
  }

  /** The live connections that are open. */
  get openStreams(): number {
    return this.watchers.size;
  }

  /** Cuts the live connections; browsers come back by themselves. */
  dropStreams(): void {
    for (const stream of this.watchers) stream.destroy();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    if (!url.pathname.startsWith('/api/') && url.pathname !== '/health') return this.sendFile(url.pathname, response);
    this.asked.push(`${method} ${url.pathname}`);
    if (this.failWith !== null) return sendProblem(response, this.failWith);
    const found = findRoute(method, url.pathname);
    if (found === null) return sendProblem(response, 'route_not_found');
    const isKnown = this.options.open === true || (request.headers.cookie ?? '').includes('corch_session=');
    if (found.route.access !== 'public' && !isKnown) return sendProblem(response, 'unauthenticated');
    const asked: Asked = {
      params: found.params,
      query: found.route.query?.parse(Object.fromEntries(url.searchParams)),
      body: await readBody(request),
    };
    if (request.headers.accept?.includes('text/event-stream') === true) return this.openStream(asked, response);
    this.reply(found, asked, response);
  }

  private reply({ name, route }: Found, asked: Asked, response: ServerResponse): void {
    try {
      const body = found(asked, route.body);
      const answer = answerers[name]?.({ ...asked, body }, this);
      if (name === 'openSession') {
        response.setHeader('set-cookie', 'corch_session=fixture; Path=/; HttpOnly; SameSite=Strict');
      }
      if (name === 'closeSession') response.setHeader('set-cookie', 'corch_session=; Path=/; Max-Age=0');
      response.statusCode = route.status;
      if (typeof answer === 'string') response.end(answer);
      else if (route.response instanceof z.ZodType) sendJson(response, route.response.parse(answer));
      else response.end();
    } catch (error) {
      if (error instanceof Failure) return sendProblem(response, error.code, error.errors, error.message);
      throw error;
    }
  }

  /** The one live stream: every notice, and the runs that were asked for. */
  private openStream({ query }: Asked, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 2000\n\n');
    this.watchers.add(response);
    response.on('close', () => this.watchers.delete(response));
    for (const topic of (query as StreamQuery).topics ?? []) {
      const followed = followedRun(topic);
      if (followed !== null) this.followRun(followed, response);
    }
  }

  private followRun({ runId, after }: { runId: string; after: number }, response: ServerResponse): void {
    const data = (this.world.events.get(runId) ?? []).filter(({ seq }) => seq > after);
    if (data.length > 0) send(response, 'run', { runId, data, lastSeq: data.at(-1)?.seq ?? after });
    const task = this.world.tasks.find(({ currentRunId }) => currentRunId === runId);
    if (task?.endedAt !== null) return send(response, 'run-end', { runId, status: task?.status ?? null });
    const readers = this.readers.get(runId) ?? new Set();
    this.readers.set(runId, readers.add(response));
    response.on('close', () => readers.delete(response));
  }

  private async sendFile(path: string, response: ServerResponse): Promise<void> {
    const { dashboardDir } = this.options;
    if (dashboardDir === undefined) return sendProblem(response, 'route_not_found');
    const file = extname(path) === '' ? '/index.html' : normalize(path);
    response.setHeader('content-security-policy', policy);
    try {
      const bytes = await readFile(join(dashboardDir, file));
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
      response.end(bytes);
    } catch {
      sendProblem(response, 'route_not_found');
    }
  }
}

interface Found {
  name: RouteName;
  route: Route;
  params: Record<string, string>;
}

function findRoute(method: string, path: string): Found | null {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match !== null) return { name, route, params: { ...match.groups } };
  }
  return null;
}

function found(asked: Asked, schema: Route['body']): unknown {
  if (!(schema instanceof z.ZodType)) return undefined;
  const parsed = schema.safeParse(asked.body);
  if (parsed.success) return parsed.data;
  throw new Failure(
    'validation_failed',
    parsed.error.issues.map((issue) => ({
      pointer: `/${issue.path.join('/')}`,
      code: issue.code,
      message: issue.message,
    })),
  );
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function sendProblem(response: ServerResponse, code: ErrorCode, errors: Failure['errors'] = [], detail = ''): void {
  const { status, title, retryable, hint } = errorRow(code);
  response.statusCode = status;
  response.setHeader('content-type', 'application/problem+json');
  response.end(
    JSON.stringify({
      type: `about:${code}`,
      title,
      status,
      detail: detail === '' ? `${title}.` : detail,
      code,
      requestId: 'req_fixture',
      retryable,
      hint,
      ...(errors.length > 0 ? { errors } : {}),
    }),
  );
}

function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
