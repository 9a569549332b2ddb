import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { git, makeRepository } from './repository.js';

/** Who may read and write, by HTTP Basic; null: everybody. */
export interface GitLogin {
  readonly username: string;
  readonly password: string;
}

/** One request, as it was answered. */
export interface GitRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

/** Repositories over HTTP on loopback: `git http-backend` behind Basic authentication. */
export class GitServer {
  /** May be changed at any time. */
  login: GitLogin | null;
  readonly requests: GitRequest[] = [];
  /** Awaited before a request that may pass is answered: a test looks around meanwhile. */
  beforeAnswer: (request: IncomingMessage) => Promise<void> | void = () => undefined;
  /** Takes requests that are none for git and says so by true; it answers them itself. */
  beside: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  private readonly backend: string;

  private constructor(
    private readonly folder: string,
    login: GitLogin | null,
    private readonly server: Server,
  ) {
    this.login = login;
    this.backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  }

  /** @param folder holds the repositories; it is made when it is missing. */
  static async start(folder: string, login: GitLogin | null = null): Promise<GitServer> {
    mkdirSync(folder, { recursive: true });
    const server = createServer();
    const made = new GitServer(folder, login, server);
    server.on('request', (request, response) => {
      if (made.beside(request, response)) return;
      made.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The address of a repository. */
  urlOf(name: string): string {
    return `${this.url}/${name}.git`;
  }

  /** The bare repository behind an address. */
  pathOf(name: string): string {
    return join(this.folder, `${name}.git`);
  }

  /** Makes a bare repository with one commit on `main`; it can be pushed to. Returns its address. */
  repository(name: string, files?: Record<string, string>): string {
    const source = makeRepository(join(this.folder, `${name}.source`), files);
    git(this.folder, 'clone', '-q', '--bare', source, this.pathOf(name));
    git(this.pathOf(name), 'config', 'http.receivepack', 'true');
    return this.urlOf(name);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const { authorization } = request.headers;
    const note = (status: number) => this.requests.push({ method, url, authorization, status });
    if (this.login !== null && authorization !== basic(this.login)) {
      note(401);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="repositories"' }).end('no');
      return;
    }
    await this.beforeAnswer(request);
    note(await this.serve(request, response));
  }

  /** As CGI (RFC 3875): variables and the body in, headers and the body out. */
  private async serve(request: IncomingMessage, response: ServerResponse): Promise<number> {
    const { pathname, search } = new URL(request.url ?? '/', this.url);
    const header = (name: string) => request.headers[name]?.toString() ?? '';
    const child = spawn(this.backend, [], {
      env: {
        PATH: process.env.PATH ?? '',
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: header('git-protocol'),
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        REMOTE_USER: this.login?.username ?? 'anybody',
        REMOTE_ADDR: '127.0.0.1',
        CONTENT_TYPE: header('content-type'),
        HTTP_CONTENT_ENCODING: header('content-encoding'),
        ...(header('content-length') === '' ? {} : { CONTENT_LENGTH: header('content-length') }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    let head = Buffer.alloc(0);
    let status = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (status !== 0) {
        response.write(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) continue;
      const lines = head.subarray(0, end).toString().split('\r\n');
      const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
      status = Number(headers.find(([name]) => name.toLowerCase() === 'status')?.[1].split(' ')[0] ?? 200);
      response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')));
      response.write(head.subarray(end + 4));
    }
    if (status === 0) response.writeHead((status = 500));
    response.end();
    return status;
  }
}

function basic({ username, password }: GitLogin): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
