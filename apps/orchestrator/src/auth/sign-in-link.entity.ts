import { Entity, Index } from 'typeorm';
import { Id, Millis, TextColumn } from '../database/columns.js';

/** A link that signs one browser in, with the rights of the key that made it. Its row is deleted when it is used. */
@Entity('sign_in_links')
@Index('sign_in_links_by_hash', ['hash'], { unique: true })
@Index('sign_in_links_by_expiry', ['expiresAt'])
export class SignInLinkRow {
  @Id() id!: string;
  @TextColumn() hash!: string;
  @TextColumn() keyId!: string;
  @Millis() createdAt!: number;
  @Millis() expiresAt!: number;
}
