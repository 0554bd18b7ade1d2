import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type ClientSession, type Model, type mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import type { StoredAlert, TimelineEntry } from '../domain/stored-alert.js';
import { ALERT_EVENT, type EventDocument } from './alert.schemas.js';
import { toId } from './ids.js';

/** Entries that are read at a time where there may be any number. */
const BATCH = 500;

/** An entry with the alert that it belongs to. */
export interface TimelineWrite {
  readonly alert: Pick<StoredAlert, 'alertId' | 'organization'>;
  readonly entry: TimelineEntry;
}

const READS_AT_ONCE = 10;

/** What happened to alerts; entries are only ever added. An alert that was found in scope is asked about by its id. */
@Injectable()
export class TimelineRepository {
  private readonly collection: mongo.Collection<EventDocument>;

  constructor(@InjectModel(ALERT_EVENT) model: Model<EventDocument>) {
    this.collection = nativeCollection(model);
  }

  /** What one alert went through from then until before then, oldest first, a batch at a time. */
  async *within(alertId: string, from: Date, to: Date): AsyncGenerator<TimelineEntry[]> {
    const found = this.collection.find({ a: toId(alertId), at: { $gte: from, $lt: to } }).sort({ _id: 1 });
    let entries: TimelineEntry[] = [];
    for await (const document of found) {
      if (entries.push(toEntry(document)) < BATCH) continue;
      yield entries;
      entries = [];
    }
    if (entries.length > 0) yield entries;
  }

  /** The last change of status that each alert went through before then; those without one are left out. */
  async lastMoves(alertIds: readonly string[], before: Date): Promise<Map<string, TimelineEntry>> {
    const found = this.collection.aggregate<{ last: EventDocument }>([
      { $match: { a: { $in: alertIds.map(toId) }, kind: 'moved', at: { $lt: before } } },
      { $sort: { a: 1, _id: 1 } },
      { $group: { _id: '$a', last: { $last: '$$ROOT' } } },
    ]);
    const moves = new Map<string, TimelineEntry>();
    for await (const { last } of found) moves.set(last.a.toHexString(), toEntry(last));
    return moves;
  }

  async append(writes: readonly TimelineWrite[], session?: ClientSession): Promise<void> {
    if (writes.length === 0) return;
    const documents = writes.map(({ alert, entry }): EventDocument => {
      const { at, kind, episode, by, details } = entry;
      const ids = { _id: new Types.ObjectId(), o: alert.organization, a: toId(alert.alertId) };
      return { ...ids, e: episode, at, kind, ...(by !== undefined && { by }), details };
    });
    await this.collection.insertMany(documents, { session });
  }

  /** The newest entries of each alert, oldest first: one that changes often takes nothing from the others. */
  async of(alerts: readonly Pick<StoredAlert, 'alertId'>[], perAlert: number): Promise<Map<string, TimelineEntry[]>> {
    const timelines = new Map<string, TimelineEntry[]>();
    for (let from = 0; from < alerts.length; from += READS_AT_ONCE) {
      const together = alerts.slice(from, from + READS_AT_ONCE);
      const found = await Promise.all(together.map(({ alertId }) => this.newest(alertId, perAlert)));
      for (const [i, { alertId }] of together.entries()) timelines.set(alertId, found[i]!);
    }
    return timelines;
  }

  /** Along the index of the alert, so that a long timeline costs no more than a short one. */
  private async newest(alertId: string, limit: number): Promise<TimelineEntry[]> {
    const found = await this.collection
      .find({ a: toId(alertId) })
      .sort({ _id: -1 })
      .limit(limit)
      .toArray();
    return found.map(toEntry).reverse();
  }
}

const toEntry = ({ at, kind, e, by, details }: EventDocument): TimelineEntry => ({
  ...{ at, kind, details },
  episode: e,
  ...(by !== undefined && { by }),
});
