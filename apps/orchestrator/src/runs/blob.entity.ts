import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Bytes, Flag, Id, Long, Millis, TextColumn } from '../database/columns.js';

/** A file kept with a run. While it is being written it is not `complete`, and nobody sees it. */
@Entity('blobs')
@Index('blobs_of_run', ['runId', 'name'], { unique: true, where: `complete` })
@Index('blobs_to_sweep', ['createdAt'], { where: `NOT complete` })
export class BlobRow {
  @Id() id!: string;
  @Column('text')
  @ForeignKey('RunRow', { name: 'blobs_of_run_fk', onDelete: 'CASCADE' })
  @Index('blobs_by_run')
  runId!: string;
  @TextColumn() name!: string;
  @TextColumn() contentType!: string;
  @Long() size!: number;
  @TextColumn() sha256!: string;
  @Flag() complete!: boolean;
  @Millis() createdAt!: number;
}

/** One megabyte of a blob, or its rest. */
@Entity('blob_parts')
export class BlobPartRow {
  @PrimaryColumn('text')
  @ForeignKey('BlobRow', { name: 'blob_parts_of_blob', onDelete: 'CASCADE' })
  blobId!: string;
  @PrimaryColumn('integer') part!: number;
  @Bytes() data!: Buffer;
}
