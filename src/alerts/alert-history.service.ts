import { Injectable } from '@nestjs/common';
import type { AlertStatus } from './domain/alert.js';
import type { StoredAlert, TimelineEntry } from './domain/stored-alert.js';
import { TimelineRepository } from './persistence/timeline.repository.js';

/** A status, and since when an alert has had it. */
export interface Standing {
  readonly status: AlertStatus;
  readonly since: Date;
}

/** Some time: `to` is not in it. */
type Period = { readonly from: Date; readonly to: Date };

/** What alerts that were found in scope went through, as far back as timelines are kept. */
@Injectable()
export class AlertHistoryService {
  constructor(private readonly timeline: TimelineRepository) {}

  /** How each of them stood just before then; those that nothing had happened to yet are left out. */
  async standings(alerts: readonly StoredAlert[], before: Date): Promise<Map<string, Standing>> {
    // the state itself knows the present status only
    const changed = alerts.filter(({ state }) => state.since >= before).map(({ alertId }) => alertId);
    const moves = changed.length === 0 ? new Map<string, never>() : await this.timeline.lastMoves(changed, before);
    return new Map(
      alerts.flatMap(({ alertId, state }): [string, Standing][] => {
        const standing = state.since < before ? state : toStanding(moves.get(alertId));
        return standing ? [[alertId, { status: standing.status, since: standing.since }]] : [];
      }),
    );
  }

  /** What happened to it then, oldest first, in batches. */
  entries({ alertId }: StoredAlert, { from, to }: Period): AsyncIterable<readonly TimelineEntry[]> {
    return this.timeline.within(alertId, from, to);
  }
}

const toStanding = (move: TimelineEntry | undefined): Standing | undefined =>
  move && { status: move.details.to as AlertStatus, since: move.at };
