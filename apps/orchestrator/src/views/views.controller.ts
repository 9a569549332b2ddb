import { Controller, Inject } from '@nestjs/common';
import { routes, type View } from '@corch/contract';
import type { CallerOf } from '../auth/caller.js';
import { From, Input, Route, type InputOf } from '../common/route.js';
import { ViewsService } from './views.service.js';

@Controller()
export class ViewsController {
  constructor(@Inject(ViewsService) private readonly views: ViewsService) {}

  @Route(routes.listViews)
  async listViews(@From() caller: CallerOf<'user'>): Promise<{ data: View[] }> {
    return { data: await this.views.list(caller) };
  }

  @Route(routes.createView)
  createView(@Input() { body }: InputOf<typeof routes.createView>, @From() caller: CallerOf<'user'>): Promise<View> {
    return this.views.create(body, caller);
  }

  @Route(routes.editView)
  editView(
    @Input() { params, body }: InputOf<typeof routes.editView>,
    @From() caller: CallerOf<'user'>,
  ): Promise<View> {
    return this.views.edit(params.viewId, body, caller);
  }

  @Route(routes.deleteView)
  async deleteView(
    @Input() { params }: InputOf<typeof routes.deleteView>,
    @From() caller: CallerOf<'user'>,
  ): Promise<void> {
    await this.views.delete(params.viewId, caller);
  }
}
