import { Controller, Inject } from '@nestjs/common';
import { routes, type Repository } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { RepositoriesService } from './repositories.service.js';

@Controller()
export class RepositoriesController {
  constructor(@Inject(RepositoriesService) private readonly repositories: RepositoriesService) {}

  @Route(routes.listRepositories)
  async listRepositories(): Promise<{ data: Repository[] }> {
    return { data: await this.repositories.list() };
  }

  @Route(routes.addRepository)
  addRepository(
    @Input() { body }: InputOf<typeof routes.addRepository>,
    @From() caller: CallerOf<'user'>,
  ): Promise<Repository> {
    return this.repositories.add(body, caller.name);
  }

  @Route(routes.readRepository)
  readRepository(@Input() { params }: InputOf<typeof routes.readRepository>): Promise<Repository> {
    return this.repositories.read(params.repository);
  }

  @Route(routes.editRepository)
  editRepository(
    @Input() { params, body }: InputOf<typeof routes.editRepository>,
    @From() caller: CallerOf<'user'>,
  ): Promise<Repository> {
    return this.repositories.edit(params.repository, body, caller.name);
  }

  @Route(routes.removeRepository)
  async removeRepository(
    @Input() { params }: InputOf<typeof routes.removeRepository>,
    @From() caller: CallerOf<'user'>,
  ): Promise<void> {
    await this.repositories.remove(params.repository, caller.name);
  }
}
