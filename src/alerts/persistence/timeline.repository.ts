import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type ClientSession, type Model, type mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import type { StoredAlert, TimelineEntry } from '../domain/stored-alert.js';
import { ALERT_EVENT, type EventDocument } from './alert.schemas.js';
import { toId } from './ids.js';

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
