import { Module } from '@nestjs/common';
import { SecretKeys } from '../secrets/secret-key.js';
import { SecretsController } from '../secrets/secrets.controller.js';
import { SecretsRepository } from '../secrets/secrets.repository.js';
import { SecretsService } from '../secrets/secrets.service.js';
import { RepositoriesController } from './repositories.controller.js';
import { RepositoriesRepository } from './repositories.repository.js';
import { RepositoriesService } from './repositories.service.js';

/** Repositories and their secrets, which look after each other. */
@Module({
  controllers: [RepositoriesController, SecretsController],
  providers: [RepositoriesService, RepositoriesRepository, SecretsService, SecretsRepository, SecretKeys],
  exports: [RepositoriesService, SecretsService],
})
export class RepositoriesModule {}
