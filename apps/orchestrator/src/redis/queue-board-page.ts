import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { queueName } from '@corch/contract';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../common/app-error.js';
import { jobsQueue } from '../jobs/bull-jobs.js';
import { openQueue } from './open-queue.js';
import type { RedisLink } from './redis-link.js';

/** bull-board and the queues that it shows: one per pool, and that of the background jobs. */
export class QueueBoard {
  private readonly server = new FastifyAdapter();
  private readonly board;
  private readonly adapters = new Map<string, BullMQAdapter>();

  constructor(
    private readonly link: RedisLink,
    private readonly poolNames: () => Promise<string[]>,
  ) {
    this.board = createBullBoard({
      queues: [],
      serverAdapter: this.server,
      options: {
        uiConfig: { boardTitle: 'Queues', hideDocsLink: true, miscLinks: [{ text: 'Dashboard', url: '/' }] },
      },
    });
  }

  async serve(scope: FastifyInstance): Promise<void> {
    scope.addHook('preHandler', async ({ url }) => {
      if (!url.startsWith(`${scope.prefix}/api/`)) return;
      if (!this.link.isUp) throw new AppError('unavailable', 'Redis does not answer.', { retryAfterSeconds: 2 });
      // Pools come and go while somebody looks.
      this.board.replaceQueues(await this.queues());
    });
    scope.addHook('onSend', (_request, reply, payload, done) => {
      if (!isPage(reply.getHeader('content-type'), payload)) return done(null, payload);
      const policy = String(reply.getHeader('content-security-policy'));
      // Its page names its files below <base>.
      void reply.header('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
      done(null, withoutFonts(payload));
    });
    await scope.register(this.server.setBasePath(scope.prefix).registerPlugin());
  }

  private async queues(): Promise<BullMQAdapter[]> {
    return [...(await this.poolNames()).map(queueName), jobsQueue].map((name) => this.adapter(name));
  }

  private adapter(name: string): BullMQAdapter {
    const known = this.adapters.get(name) ?? new BullMQAdapter(openQueue(this.link, name));
    this.adapters.set(name, known);
    return known;
  }
}

function isPage(type: unknown, payload: unknown): payload is string {
  return typeof payload === 'string' && String(type).startsWith('text/html');
}

/** Pages of this product ask nobody else for anything; the fonts of the system do as well. */
export function withoutFonts(html: string): string {
  return html.replace(/<link [^>]*fonts\.googleapis[^>]*>/g, '');
}
