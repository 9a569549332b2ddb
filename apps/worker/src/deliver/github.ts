// The little that is needed of GitHub's REST API: find, read and open pull requests.
import type { PullRequest } from '@corch/contract';
import type { Transport } from '@corch/contract/client';
import { z } from 'zod';
import { messageOf as textOf } from '../error-facts.js';
import { DeliveryError } from './delivery-error.js';
import { failureOf, messageOf, type ApiAnswer } from './github-answer.js';
import type { GithubRepository } from './github-address.js';

/** The standard `fetch`, or one that goes through a proxy. */
export type Fetch = Transport['fetch'];

const answerMs = 30_000;
const apiVersion = '2022-11-28';

const Pull = z.object({
  number: z.number().int().min(1),
  html_url: z.string().max(2000),
  state: z.string(),
  merged_at: z.string().nullish(),
  head: z.object({ sha: z.string() }).nullish(),
});
type Pull = z.infer<typeof Pull>;

export type PullState = 'open' | 'closed' | 'merged';

/** A pull request, and what became of it. */
export interface FoundPullRequest {
  readonly pullRequest: PullRequest;
  readonly state: PullState;
}

export interface NewPullRequest {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

export class Github {
  constructor(
    private readonly repository: GithubRepository,
    private readonly token: string,
    private readonly fetch: Fetch,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * The open pull request of a branch; when there is none, the last one that led to one of the commits, since somebody may have
   * closed it before it was known here. Null when there is neither.
   * @throws DeliveryError
   */
  async find(branch: string, commits: readonly string[]): Promise<FoundPullRequest | null> {
    const { owner } = this.repository;
    const query = new URLSearchParams({ head: `${owner}:${branch}`, state: 'all', per_page: '100' });
    const what = 'The pull requests could not be read';
    const answer = await this.call('GET', `pulls?${query.toString()}`, what);
    const pulls = this.read(z.array(Pull), answer, what);
    const isOurs = ({ head }: Pull) => head != null && commits.includes(head.sha);
    const found = pulls.find(({ state }) => state === 'open') ?? pulls.find(isOurs);
    return found === undefined ? null : { pullRequest: toPullRequest(found), state: stateOf(found) };
  }

  /**
   * What became of a pull request.
   * @throws DeliveryError
   */
  async state(number: number): Promise<PullState> {
    const what = `The pull request #${number} could not be read`;
    return stateOf(this.read(Pull, await this.call('GET', `pulls/${number}`, what), what));
  }

  /**
   * Opens a pull request, unless there is one already: never two for one branch.
   * @throws DeliveryError
   */
  async open(request: NewPullRequest): Promise<PullRequest> {
    const what = 'The pull request was not opened';
    const answer = await this.send('POST', 'pulls', what, request);
    if (answer.status === 201) return toPullRequest(this.read(Pull, answer, what));
    // Somebody was faster, or an earlier try that was not heard of any more.
    if (answer.status === 422 && /already exists/i.test(messageOf(answer.body))) {
      const found = await this.find(request.head, []);
      if (found !== null) return found.pullRequest;
    }
    throw this.failure(answer, what);
  }

  private read<T extends z.ZodType>(schema: T, answer: ApiAnswer, what: string): z.output<T> {
    const parsed = schema.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    const text = `${what}: ${this.repository.apiUrl} does not answer like GitHub's REST API. Check the address of the repository.`;
    throw new DeliveryError('delivery_failed', text);
  }

  private async call(method: string, path: string, what: string): Promise<ApiAnswer> {
    const answer = await this.send(method, path, what);
    if (answer.status === 200) return answer;
    throw this.failure(answer, what);
  }

  private failure(answer: ApiAnswer, what: string): DeliveryError {
    const { owner, name } = this.repository;
    return failureOf(answer, what, `${owner}/${name}`, Date.now());
  }

  private async send(method: string, path: string, what: string, body?: object): Promise<ApiAnswer> {
    const { apiUrl, owner, name } = this.repository;
    const url = `${apiUrl}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/${path}`;
    try {
      const response = await this.fetch(url, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${this.token}`,
          'user-agent': 'corch-worker',
          'x-github-api-version': apiVersion,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token is for this server alone.
        redirect: 'manual',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(answerMs)]),
      });
      const said = await response.json().catch(() => undefined);
      return { status: response.status, headers: response.headers, body: said };
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      const why = `${what}: ${apiUrl} cannot be reached from the worker (${textOf(error)}). It is tried again.`;
      throw new DeliveryError('delivery_delayed', why, null, { cause: error });
    }
  }
}

function toPullRequest({ number, html_url: url }: Pull): PullRequest {
  return { number, url };
}

function stateOf({ state, merged_at: mergedAt }: Pull): PullState {
  if (mergedAt != null) return 'merged';
  return state === 'open' ? 'open' : 'closed';
}
