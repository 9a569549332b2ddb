import { Controller, Inject } from '@nestjs/common';
import { routes, type Secret } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { SecretsService } from './secrets.service.js';

@Controller()
export class SecretsController {
  constructor(@Inject(SecretsService) private readonly secrets: SecretsService) {}

  @Route(routes.listSecrets)
  async listSecrets(@Input() { params }: InputOf<typeof routes.listSecrets>): Promise<{ data: Secret[] }> {
    return { data: await this.secrets.list(params.repository) };
  }

  @Route(routes.setSecret)
  setSecret(
    @Input() { params, body }: InputOf<typeof routes.setSecret>,
    @From() caller: CallerOf<'user'>,
  ): Promise<Secret> {
    return this.secrets.set(params.repository, params.secret, body, caller.name);
  }

  @Route(routes.removeSecret)
  async removeSecret(
    @Input() { params }: InputOf<typeof routes.removeSecret>,
    @From() caller: CallerOf<'user'>,
  ): Promise<void> {
    await this.secrets.remove(params.repository, params.secret, caller.name);
  }
}
