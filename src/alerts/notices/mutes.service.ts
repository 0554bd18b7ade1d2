import { Injectable } from '@nestjs/common';
import { isSnoozed } from '../domain/alert.js';
import { type Mute, muteOf, type MuteRules } from '../domain/mutes.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { InhibitionsRepository } from '../persistence/inhibitions.repository.js';
import { SilencesRepository } from '../persistence/silences.repository.js';

/** What is muted in an organization at one moment. */
export class MuteBook {
  constructor(
    private readonly rules: MuteRules,
    private readonly now: Date,
  ) {}

  /** There is nothing that could mute. */
  get isEmpty(): boolean {
    return this.rules.silences.length === 0 && this.rules.inhibitions.length === 0;
  }

  /** A silence or a parent alert; undefined where neither is. */
  of(alert: StoredAlert): Mute | undefined {
    return muteOf(alert, this.rules, this.now);
  }

  /** Nothing is told of it now: muted, or put off by somebody. */
  isQuiet(alert: StoredAlert): boolean {
    return isSnoozed(alert.state, this.now) || this.of(alert) !== undefined;
  }
}

@Injectable()
export class MutesService {
  constructor(
    private readonly silences: SilencesRepository,
    private readonly inhibitions: InhibitionsRepository,
    private readonly alerts: AlertsRepository,
  ) {}

  async book(organization: string, now: Date): Promise<MuteBook> {
    const [silences, inhibitions] = await Promise.all([
      this.silences.active(organization, now),
      this.inhibitions.all(organization),
    ]);
    const firing = inhibitions.length === 0 ? [] : await this.alerts.open(organization);
    return new MuteBook({ silences, inhibitions, firing }, now);
  }
}
