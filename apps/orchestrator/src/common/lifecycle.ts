import { Injectable } from '@nestjs/common';

/** Where the process is in its life: it takes requests only while `ready`. */
@Injectable()
export class Lifecycle {
  state: 'starting' | 'ready' | 'stopping' = 'starting';
  readonly startedAt = new Date();
}
