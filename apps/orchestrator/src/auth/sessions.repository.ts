import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { SessionRow } from './session.entity.js';
import { SignInLinkRow } from './sign-in-link.entity.js';

@Injectable()
export class SessionsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  findByHash(hash: string): Promise<SessionRow | null> {
    return this.database.read.createQueryBuilder(SessionRow, 'session').where({ hash }).getOne();
  }

  findById(id: string): Promise<SessionRow | null> {
    return this.database.read.createQueryBuilder(SessionRow, 'session').where({ id }).getOne();
  }

  async insert(row: SessionRow): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(SessionRow).values(row).updateEntity(false).execute(),
    );
  }

  /** Two notes may overtake each other on their way; the later use counts. */
  async touch(id: string, lastUsedAt: number, expiresAt: number): Promise<void> {
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .update(SessionRow)
        .set({ lastUsedAt, expiresAt })
        .where('id = :id AND last_used_at < :lastUsedAt', { id, lastUsedAt })
        .execute(),
    );
  }

  async delete(id: string): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().delete().from(SessionRow).where({ id }).execute(),
    );
  }

  async insertLink(row: SignInLinkRow): Promise<void> {
    await this.database.write((manager) =>
      manager.createQueryBuilder().insert().into(SignInLinkRow).values(row).updateEntity(false).execute(),
    );
  }

  /** Takes a link out of the store: of two that use it at once, one gets it. */
  takeLink(hash: string): Promise<SignInLinkRow | null> {
    return this.database.write(async (manager) => {
      const link = await manager.createQueryBuilder(SignInLinkRow, 'link').where({ hash }).getOne();
      if (link === null) return null;
      const deleted = await manager.createQueryBuilder().delete().from(SignInLinkRow).where({ id: link.id }).execute();
      return deleted.affected === 1 ? link : null;
    });
  }
}
