import { Controller, Header, Inject } from '@nestjs/common';
import { routes, type RunSecret } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { AppError } from '../common/app-error.js';
import type { Logger } from '../common/logger.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { LOGGER } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { RepositoriesService } from '../repositories/repositories.service.js';
import { SecretsService } from '../secrets/secrets.service.js';
import { LeasesService } from './leases.service.js';
import { RunsRepository } from './runs.repository.js';

/** Hands the secrets of a repository to the worker that holds a run of it, and only while it holds it. */
@Controller()
export class RunSecretsController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LeasesService) private readonly leases: LeasesService,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RepositoriesService) private readonly repositories: RepositoriesService,
    @Inject(SecretsService) private readonly secrets: SecretsService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Route(routes.readRunSecret)
  @Header('cache-control', 'no-store')
  async readRunSecret(
    @Input() { params: { runId, use } }: InputOf<typeof routes.readRunSecret>,
    @From() caller: CallerOf<'run'>,
  ): Promise<RunSecret> {
    const run = await this.database.write((manager) => this.leases.current(manager, runId, caller.epoch));
    const url = await this.runs.repositoryUrl(this.database.read, run.taskId);
    const found = url === null ? undefined : (await this.repositories.byUrls(this.database.read, [url])).get(url);
    if (found === undefined) {
      throw new AppError('secret_not_found', 'The repository of this run is not registered, or not any more.');
    }
    const secret = await this.secrets.reveal(found, use);
    this.logger.info('secret handed out', { repository: found.name, use, runId, workerId: caller.workerId });
    return secret;
  }
}
