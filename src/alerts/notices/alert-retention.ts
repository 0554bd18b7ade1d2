import { Injectable } from '@nestjs/common';
import { KEPT_DAYS } from '../domain/stored-alert.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { NoticeGroupsRepository } from '../persistence/notice-groups.repository.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Forgets what is over since 400 days: alerts that have resolved, and groups without alerts. Both are asked for by what
 * they are when they go, so an alert that fires at that moment stays or begins anew. Timelines end by themselves.
 */
@Injectable()
export class AlertRetention {
  private sweptAt = 0;

  constructor(
    private readonly alerts: AlertsRepository,
    private readonly groups: NoticeGroupsRepository,
  ) {}

  /** At most once an hour. */
  async sweep(now: Date): Promise<void> {
    if (Math.abs(now.getTime() - this.sweptAt) < HOUR_MS) return;
    this.sweptAt = now.getTime();
    const before = new Date(now.getTime() - KEPT_DAYS * DAY_MS);
    await this.alerts.removeOver(before);
    await this.groups.removeIdle(before);
  }
}
