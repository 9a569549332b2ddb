import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { GitServer } from './git-server.js';
import { git } from './repository.js';

/** An open, closed or merged request to merge a branch, in the words of the API. */
export interface PullRequest {
  readonly number: number;
  readonly html_url: string;
  state: 'open' | 'closed';
  merged_at: string | null;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

/** What a test wants said instead of an answer. */
export interface ScriptedAnswer {
  /** `POST /pulls`, `GET /pulls`. */
  readonly to: string;
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** It is done all the same, and only the answer gets lost. */
  readonly isDone?: boolean;
}

const path = /^(\/api\/v3|\/rest)\/repos\/([^/]+)\/([^/]+)\/pulls(?:\/(\d+))?$/;

/** As much of GitHub's REST API as deliveries need, where GitHub Enterprise has it: beside the repositories of a {@link GitServer}. */
export class GithubApi {
  /** May be changed at any time. */
  token: string;
  readonly pulls: PullRequest[] = [];
  /** `GET /pulls` or the like, as it was answered. */
  readonly requests: { readonly what: string; readonly status: number }[] = [];
  /** Below which addresses it was asked: where GitHub Enterprise has it, or at `/rest`. */
  readonly roots: string[] = [];
  /** Each is said once, to the first request that it fits. */
  readonly script: ScriptedAnswer[] = [];

  constructor(
    private readonly server: GitServer,
    token: string,
  ) {
    this.token = token;
    server.beside = (request, response) => this.take(request, response);
  }

  /** The pull requests from a branch, whatever became of them. */
  from(branch: string): PullRequest[] {
    return this.pulls.filter(({ head }) => head === branch);
  }

  /** As a person who presses the button does; the branch stays. */
  merge(number: number): void {
    const pull = this.pulls[number - 1];
    if (pull === undefined) throw new Error(`there is no pull request ${number}`);
    pull.state = 'closed';
    pull.merged_at = new Date().toISOString();
  }

  private take(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.server.url);
    const [, root = '', owner, name, number] = path.exec(pathname) ?? [];
    if (owner === undefined || name === undefined) return false;
    this.roots.push(root);
    const what = `${request.method} /pulls${number === undefined ? '' : '/:number'}`;
    void text(request).then((body) => {
      const { status, said, headers } = this.answer(what, request.headers.authorization, () => {
        if (number !== undefined) return this.read(`${owner}/${name}`, Number(number));
        if (request.method === 'POST') return this.open(`${owner}/${name}`, JSON.parse(body) as PullRequest);
        return { status: 200, said: this.list(`${owner}/${name}`, searchParams) };
      });
      this.requests.push({ what, status });
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said));
    });
    return true;
  }

  private answer(what: string, authorization: string | undefined, act: () => { status: number; said: unknown }) {
    const index = this.script.findIndex(({ to }) => to === what);
    const [scripted] = index === -1 ? [] : this.script.splice(index, 1);
    if (scripted !== undefined) {
      if (scripted.isDone === true) act();
      return { status: scripted.status, said: scripted.body ?? { message: 'Scripted' }, headers: scripted.headers };
    }
    if (authorization !== `Bearer ${this.token}`) {
      return { status: 401, said: { message: 'Bad credentials' }, headers: undefined };
    }
    return { ...act(), headers: undefined };
  }

  private read(repository: string, number: number) {
    const pull = this.pulls.find((each) => each.number === number);
    if (pull === undefined) return { status: 404, said: { message: 'Not Found' } };
    return { status: 200, said: this.shown(repository, pull) };
  }

  private list(repository: string, query: URLSearchParams): object[] {
    const [, branch] = query.get('head')?.split(':') ?? [];
    const state = query.get('state');
    const found = this.pulls.filter(({ head, state: is }) => head === branch && (state === 'all' || state === is));
    return found.map((pull) => this.shown(repository, pull)).reverse();
  }

  /** With the commit that the branch stands at. */
  private shown(repository: string, pull: PullRequest): object {
    const ref = `refs/heads/${pull.head}`;
    const sha = git(this.server.pathOf(repository), 'for-each-ref', '--format=%(objectname)', ref).trim();
    return { ...pull, head: { ref: pull.head, sha } };
  }

  private open(repository: string, { head, base, title, body, draft }: PullRequest) {
    const invalid = (message: string) => ({
      status: 422,
      said: { message: 'Validation Failed', errors: [{ message }] },
    });
    const places = git(this.server.pathOf(repository), 'for-each-ref', '--format=%(refname:short)', 'refs/heads');
    const branches = places.split('\n');
    if (!branches.includes(base)) return invalid('Field "base" is invalid');
    if (!branches.includes(head)) return invalid('Field "head" is invalid');
    if (this.pulls.some((pull) => pull.head === head && pull.state === 'open')) {
      return invalid(`A pull request already exists for ${repository.split('/')[0]}:${head}.`);
    }
    const number = this.pulls.length + 1;
    const html_url = `${this.server.url}/${repository}/pull/${number}`;
    const pull: PullRequest = { number, html_url, state: 'open', merged_at: null, head, base, title, body, draft };
    this.pulls.push(pull);
    return { status: 201, said: this.shown(repository, pull) };
  }
}
