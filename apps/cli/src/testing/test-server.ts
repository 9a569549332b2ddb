import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  errorTable,
  isFinal,
  routes,
  type ErrorCode,
  type Key,
  type Problem,
  type Route,
  type Run,
  type RunEvent,
  type TaskDetail,
  type Worker,
} from '@corch/contract';
import { makeTask } from './make.js';

/** A request as it arrived. */
export interface Received {
  readonly route: string;
  readonly params: Record<string, string>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly token: string | undefined;
  readonly lastEventId: string | undefined;
  readonly idempotencyKey: string | undefined;
}

interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

type Handler = (request: Received) => Reply | Promise<Reply>;

/** An HTTP server that pretends to be the orchestrator: what a test puts in is what commands find. */
export class TestServer {
  readonly tasks: TaskDetail[] = [];
  /** Runs before the current one, by task. */
  readonly earlierRuns = new Map<string, Run[]>();
  readonly events = new Map<string, RunEvent[]>();
  readonly patches = new Map<string, string>();
  readonly keys: Key[] = [];
  readonly workers: Worker[] = [];
  readonly received: Received[] = [];
  /** Answers of a test's own, by the name of the route. */
  readonly handlers: Partial<Record<string, Handler>> = {};
  url = '';
  private readonly server: Server;
  private readonly streams = new Set<{ runId: string; response: ServerResponse; sent: number }>();

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<TestServer> {
    const server = new TestServer();
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    server.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
    return server;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  addTask(task: TaskDetail = makeTask(), events: RunEvent[] = []): TaskDetail {
    this.tasks.unshift(task);
    this.events.set(task.currentRunId, events);
    return task;
  }

  /** Puts another state of a task in the place of the one with its id. */
  setTask(task: TaskDetail): void {
    this.tasks[this.tasks.findIndex(({ id }) => id === task.id)] = task;
    if (!this.events.has(task.currentRunId)) this.events.set(task.currentRunId, []);
    this.flush();
  }

  /** Adds events to a run and sends them to whoever follows it. */
  say(runId: string, ...events: RunEvent[]): void {
    this.events.set(runId, [...(this.events.get(runId) ?? []), ...events]);
    this.flush();
  }

  /** Cuts every stream off, as a network does. */
  dropStreams(): void {
    for (const { response } of this.streams) response.destroy();
    this.streams.clear();
  }

  /** How often the events of a run were asked for as a stream. */
  get followers(): Received[] {
    return this.received.filter(({ route }) => route === 'listEvents');
  }

  private flush(): void {
    for (const stream of this.streams) {
      const events = this.events.get(stream.runId) ?? [];
      for (const event of events.slice(stream.sent)) {
        stream.response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
      }
      stream.sent = events.length;
      const run = this.runs().find(({ id }) => id === stream.runId);
      if (run !== undefined && isFinal(run.status)) {
        stream.response.end('event: end\ndata: {}\n\n');
        this.streams.delete(stream);
      }
    }
  }

  private runs(): Run[] {
    return [...this.tasks.map(({ currentRun }) => currentRun), ...[...this.earlierRuns.values()].flat()];
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://test');
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const [route, params] = match(request.method ?? '', url.pathname);
    const received: Received = {
      route,
      params,
      query: url.searchParams,
      body: text === '' ? undefined : JSON.parse(text),
      token: request.headers.authorization?.replace('Bearer ', ''),
      lastEventId: request.headers['last-event-id'] as string | undefined,
      idempotencyKey: request.headers['idempotency-key'] as string | undefined,
    };
    this.received.push(received);
    const isStream = request.headers.accept === 'text/event-stream';
    if (isStream && this.handlers[route] === undefined) return this.stream(received, response);
    const handler = this.handlers[route] ?? defaults[route];
    const reply = handler === undefined ? problem('route_not_found') : await handler.call(this, received);
    const bytes = reply.body instanceof Uint8Array;
    response.writeHead(reply.status ?? 200, {
      'content-type': bytes ? 'text/x-diff' : 'application/json',
      ...reply.headers,
    });
    response.end(reply.body === undefined ? undefined : bytes ? reply.body : JSON.stringify(reply.body));
  }

  private stream({ params, lastEventId }: Received, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    const stream = { runId: params['runId'] ?? '', response, sent: Number(lastEventId ?? 0) };
    this.streams.add(stream);
    response.once('close', () => this.streams.delete(stream));
    this.flush();
  }
}

/** A problem as the orchestrator answers with it. */
export function problem(code: ErrorCode, more: Partial<Problem> = {}): Reply {
  const { status, title, retryable, hint } = errorTable[code];
  const body = {
    type: 'about:blank',
    title,
    status,
    detail: title,
    code,
    requestId: 'req_test',
    retryable,
    hint,
    ...more,
  };
  return { status, body, headers: { 'content-type': 'application/problem+json' } };
}

const defaults: Record<string, (this: TestServer, request: Received) => Reply> = {
  listTasks({ query }) {
    const statuses = query.get('status')?.split(',');
    const limit = Number(query.get('limit') ?? 50);
    const start = Number(query.get('cursor') ?? 0);
    const fitting = this.tasks.filter(({ status }) => statuses?.includes(status) ?? true);
    const data = fitting.slice(start, start + limit);
    const hasMore = start + limit < fitting.length;
    return {
      body: {
        data,
        hasMore,
        nextCursor: hasMore ? String(start + limit) : null,
        total: { value: fitting.length, relation: 'eq' },
      },
    };
  },
  readTask({ params }) {
    const task = this.tasks.find(({ id }) => id === params['taskId']);
    return task === undefined ? problem('task_not_found') : { body: task };
  },
  submitTask({ body }) {
    const { title } = body as { title?: string };
    const task = makeTask({ status: 'queued', startedAt: null, ...(title ? { title } : {}) });
    return { status: 202, body: this.addTask({ ...task, url: `${this.url}/tasks/${task.id}` }) };
  },
  retryTask({ params }) {
    const task = this.tasks.find(({ id }) => id === params['taskId']);
    if (task === undefined) return problem('task_not_found');
    return isFinal(task.status)
      ? { status: 202, body: task }
      : problem('task_not_finished', { currentStatus: task.status });
  },
  cancelTask({ params }) {
    const task = this.tasks.find(({ id }) => id === params['taskId']);
    if (task === undefined) return problem('task_not_found');
    return isFinal(task.status) ? problem('task_not_cancellable') : { status: 202, body: task };
  },
  deleteTask({ params }) {
    const index = this.tasks.findIndex(({ id }) => id === params['taskId']);
    if (index === -1) return problem('task_not_found');
    this.tasks.splice(index, 1);
    return { status: 204 };
  },
  listTaskRuns({ params }) {
    const task = this.tasks.find(({ id }) => id === params['taskId']);
    if (task === undefined) return problem('task_not_found');
    return { body: { data: [...(this.earlierRuns.get(task.id) ?? []), task.currentRun] } };
  },
  readRun({ params }) {
    const run = this.tasks.find(({ currentRunId }) => currentRunId === params['runId'])?.currentRun;
    return run === undefined ? problem('run_not_found') : { body: run };
  },
  listEvents({ params, query }) {
    const after = Number(query.get('after') ?? 0);
    const limit = Number(query.get('limit') ?? 1000);
    const events = (this.events.get(params['runId'] ?? '') ?? []).filter(({ seq }) => seq > after);
    const data = events.slice(0, limit);
    return { body: { data, lastSeq: data.at(-1)?.seq ?? after, hasMore: events.length > limit } };
  },
  readPatch({ params }) {
    const patch = this.patches.get(params['runId'] ?? '');
    return patch === undefined ? problem('blob_not_found') : { body: Buffer.from(patch) };
  },
  listKeys() {
    return { body: { data: this.keys } };
  },
  revokeKey() {
    return { status: 204 };
  },
  listWorkers() {
    return { body: { data: this.workers } };
  },
  createSignInLink() {
    return {
      status: 201,
      body: { url: `${this.url}/sign-in#link=corch_link_x`, expiresAt: '2030-01-01T00:00:00.000Z' },
    };
  },
  health() {
    return {
      body: { status: 'ok', version: '0.1.0', protocol: 1, startedAt: '2026-01-01T00:00:00.000Z', checks: {} },
    };
  },
};

function match(method: string, path: string): [string, Record<string, string>] {
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    if (route.method !== method) continue;
    const names: string[] = [];
    const pattern = route.path.replace(/:(\w+)/g, (_, param: string) => {
      names.push(param);
      return '([^/]+)';
    });
    const found = new RegExp(`^${pattern}$`).exec(path);
    if (found) return [name, Object.fromEntries(names.map((param, index) => [param, found[index + 1] ?? '']))];
  }
  return ['none', {}];
}
