import { join } from 'node:path';
import { GithubApi } from './github-api.js';
import { GitServer } from './git-server.js';
import { git } from './repository.js';
import type { Stack } from './stack.js';

/** Opens {@link Hosting}'s repositories, for git and for the API. */
export const login = { username: 'robot', password: 'k3y-of-the-house' };

/** For orchestrators that may share a database: those make none of their own. */
export const secretKey = Buffer.alloc(32, 'of-the-tests').toString('base64');

/** A server for git with GitHub's API beside it, and one repository there that the stack knows as `app`, with its secret. */
export class Hosting {
  readonly slug = 'acme/app';
  readonly github: GithubApi;

  private constructor(
    private readonly stack: Stack,
    readonly server: GitServer,
  ) {
    this.github = new GithubApi(server, login.password);
  }

  static async start(stack: Stack, files?: Record<string, string>): Promise<Hosting> {
    const hosting = new Hosting(stack, await GitServer.start(join(stack.folder, 'served'), login));
    await stack.client.addRepository({ body: { name: 'app', url: hosting.server.repository(hosting.slug, files) } });
    await hosting.setSecret(login.password);
    return hosting;
  }

  /** The bare repository. */
  get path(): string {
    return this.server.pathOf(this.slug);
  }

  /** What the orchestrator keeps for it. */
  async setSecret(value: string): Promise<void> {
    const secret = { value, username: login.username };
    await this.stack.client.setSecret({ params: { repository: 'app', secret: 'token' }, body: secret });
  }

  /** The commit that the server has under a branch; null when there is no such branch. */
  tip(branch: string): string | null {
    return git(this.path, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`).trim() || null;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
