import { Global, Module } from '@nestjs/common';
import { Changes } from './changes.js';

/** "Read it again" notices for everybody who shows something. */
@Global()
@Module({ providers: [Changes], exports: [Changes] })
export class ChangesModule {}
