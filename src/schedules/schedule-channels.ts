import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChannelUsages } from '../notifications/index.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';

const MOST_NAMED = 20;

/** Says which schedules use a channel, so that none is deleted under them. */
@Injectable()
export class ScheduleChannels implements OnModuleInit {
  constructor(
    private readonly usages: ChannelUsages,
    private readonly schedules: SchedulesRepository,
  ) {}

  onModuleInit(): void {
    this.usages.register(async (scope, channelId) => {
      const found = await this.schedules.usingChannel(scope, channelId, MOST_NAMED);
      return found.map(({ scheduleId: id, name }) => ({ type: 'schedule', id, name }));
    });
  }
}
