import { Controller, Inject } from '@nestjs/common';
import { routes, type Settings } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { SettingsService } from './settings.service.js';

@Controller()
export class SettingsController {
  constructor(@Inject(SettingsService) private readonly settings: SettingsService) {}

  @Route(routes.readSettings)
  readSettings(): Promise<Settings> {
    return this.settings.read();
  }

  @Route(routes.editSettings)
  editSettings(
    @Input() { body }: InputOf<typeof routes.editSettings>,
    @From() caller: CallerOf<'user'>,
  ): Promise<Settings> {
    return this.settings.edit(body, caller.name);
  }
}
