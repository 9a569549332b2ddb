import { Global, Module } from '@nestjs/common';
import { ChangesController } from './changes.controller.js';
import { Changes } from './changes.js';

/** "Read it again" notices for everybody who shows something. */
@Global()
@Module({ controllers: [ChangesController], providers: [Changes], exports: [Changes] })
export class ChangesModule {}
