import { Module } from '@nestjs/common';
import { HistoryService } from './history.service.js';
import { StatisticsRepository } from './statistics.repository.js';

/** What ended in the past. */
@Module({ providers: [HistoryService, StatisticsRepository], exports: [HistoryService] })
export class StatisticsModule {}
