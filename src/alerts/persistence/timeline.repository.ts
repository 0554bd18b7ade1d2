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

  /** The newest entries of each alert, oldest first. */
  async of(alerts: readonly Pick<StoredAlert, 'alertId'>[], perAlert: number): Promise<Map<string, TimelineEntry[]>> {
    const timelines = new Map<string, TimelineEntry[]>(alerts.map(({ alertId }) => [alertId, []]));
    const found = this.collection
      .find({ a: { $in: alerts.map(({ alertId }) => toId(alertId)) } })
      .sort({ _id: -1 })
      .limit(perAlert * Math.min(alerts.length, MOST_ALERTS));
    for await (const document of found) {
      const entries = timelines.get(document.a.toHexString());
      if (entries && entries.length < perAlert) entries.unshift(toEntry(document));
    }
    return timelines;
  }
}

/** What of a page of alerts is read at most, in full timelines. */
const MOST_ALERTS = 200;

const toEntry = ({ at, kind, e, by, details }: EventDocument): TimelineEntry => ({
  ...{ at, kind, details },
  episode: e,
  ...(by !== undefined && { by }),
});
