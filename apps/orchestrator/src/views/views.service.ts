import { Inject, Injectable } from '@nestjs/common';
import { allows, maxViews, type CreateView, type EditView, type View } from '@corch/contract';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { CallerOf } from '../auth/caller.js';
import { SessionsService } from '../auth/sessions.service.js';
import { Changes } from '../changes/changes.js';
import { AppError } from '../common/app-error.js';
import { newId } from '../common/ids.js';
import { CLOCK, type Clock } from '../common/tokens.js';
import { Database } from '../database/database.js';
import { lockNames } from '../database/name-locks.js';
import { isDuplicate } from '../database/store-faults.js';
import type { ViewRow } from './view.entity.js';
import { ViewsRepository } from './views.repository.js';

type User = CallerOf<'user'>;

/** Saved views: everybody's own, and those that are shared. */
@Injectable()
export class ViewsService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ViewsRepository) private readonly views: ViewsRepository,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(Changes) private readonly changes: Changes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: User): Promise<View[]> {
    const ownerId = await this.sessions.keyIdOf(caller);
    return (await this.views.visibleTo(this.database.read, ownerId)).map((row) => toView(row, ownerId));
  }

  /** @throws AppError `view_exists`, `too_many_views`, or `forbidden` for who may only read and wants to share. */
  async create(asked: z.output<typeof CreateView>, caller: User): Promise<View> {
    if (asked.shared) demandSharing(caller);
    const ownerId = await this.sessions.keyIdOf(caller);
    const now = this.clock();
    const id = newId('view', now);
    const owner = { ownerId, ownerName: caller.name };
    const row: ViewRow = { id, ...owner, ...asked, nameKey: keyOf(asked.name), createdAt: now, updatedAt: now };
    await orExists(asked.name, () =>
      this.database.write(async (manager, afterCommit) => {
        await lockNames(manager, { exclusive: [`views of ${ownerId}`] });
        if ((await this.views.countOf(manager, ownerId)) >= maxViews) {
          throw new AppError('too_many_views', `A key has at most ${maxViews} views.`);
        }
        await this.views.insert(manager, row);
        afterCommit(() => this.changes.changed('view', id));
      }),
    );
    return toView(row, ownerId);
  }

  /** @throws AppError `view_not_found`, `view_exists` or `forbidden`. */
  async edit(id: string, edit: EditView, caller: User): Promise<View> {
    if (edit.shared === true) demandSharing(caller);
    const ownerId = await this.sessions.keyIdOf(caller);
    const patch = { ...edit, ...(edit.name !== undefined && { nameKey: keyOf(edit.name) }), updatedAt: this.clock() };
    const row = await orExists(edit.name ?? '', () =>
      this.database.write(async (manager, afterCommit) => {
        const before = await this.demandOwn(manager, id, ownerId, caller);
        await this.views.update(manager, id, patch);
        afterCommit(() => this.changes.changed('view', id));
        return { ...before, ...patch };
      }),
    );
    return toView(row, ownerId);
  }

  /** @throws AppError `view_not_found` or `forbidden`. */
  async delete(id: string, caller: User): Promise<void> {
    const ownerId = await this.sessions.keyIdOf(caller);
    await this.database.write(async (manager, afterCommit) => {
      await this.demandOwn(manager, id, ownerId, caller);
      await this.views.delete(manager, id);
      afterCommit(() => this.changes.changed('view', id));
    });
  }

  /** A view that the caller may change. One that it does not see does not exist. */
  private async demandOwn(manager: EntityManager, id: string, ownerId: string, caller: User): Promise<ViewRow> {
    const row = await this.views.find(manager, id);
    if (row === null || (row.ownerId !== ownerId && !row.shared)) {
      throw new AppError('view_not_found', `There is no view ${id}.`);
    }
    if (row.ownerId === ownerId || allows(caller.scope, 'admin')) return row;
    throw new AppError('forbidden', `The view ${row.name} belongs to ${row.ownerName}.`, {
      hint: 'Save one of your own, or ask its owner or an admin.',
    });
  }
}

function demandSharing({ scope }: User): void {
  if (allows(scope, 'submit')) return;
  throw new AppError('forbidden', 'To share a view needs the scope `submit`.', { hint: 'Save it without sharing it.' });
}

async function orExists<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDuplicate(error)) throw new AppError('view_exists', `There is a view ${name} already.`);
    throw error;
  }
}

const keyOf = (name: string) => name.toLowerCase();

function toView(row: ViewRow, callerKeyId: string): View {
  const { id, name, filter, sort, columns, shared, ownerName: owner } = row;
  return {
    ...{ id, name, filter, sort, columns, shared, owner, mine: row.ownerId === callerKeyId },
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
  };
}
