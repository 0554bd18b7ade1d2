import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { Clock, nativeCollection } from '../../common/index.js';
import type { Schedule } from '../domain/schedule.js';
import { SCHEDULE, type ScheduleDocument } from './schedule.schemas.js';
import { toSchedule } from './schedules.repository.js';

/** Longer than a stop of the process by the garbage collector or a busy machine, short enough to wait for after a crash. */
export const LEASE_MS = 30_000;

export interface ScheduleLease {
  readonly scheduleId: string;
  /** Moves with each claim: what an older holder writes is refused. */
  readonly fence: number;
  readonly organization: string;
  readonly schedule: Schedule;
}

/** The right to run what is due of a schedule: one process at a time, so that its runs do not overlap. */
@Injectable()
export class ScheduleLeases {
  private readonly collection: mongo.Collection<ScheduleDocument>;
  private readonly owner = randomUUID();

  constructor(
    @InjectModel(SCHEDULE) model: Model<ScheduleDocument>,
    private readonly clock: Clock,
  ) {
    this.collection = nativeCollection(model);
  }

  /** `gone` where there is no such schedule; undefined while another process holds it. */
  async claim(scheduleId: string): Promise<ScheduleLease | 'gone' | undefined> {
    const _id = new Types.ObjectId(scheduleId);
    const now = this.clock.now();
    const found = await this.collection.findOneAndUpdate(
      { _id, $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: now } }] },
      { $set: { leaseOwner: this.owner, leaseUntil: this.until() }, $inc: { fence: 1 } },
      { returnDocument: 'after' },
    );
    if (found) return { scheduleId, fence: found.fence, organization: found.o, schedule: toSchedule(found) };
    return (await this.collection.countDocuments({ _id }, { limit: 1 })) === 0 ? 'gone' : undefined;
  }

  /** false where it was lost. */
  async renew({ scheduleId, fence }: ScheduleLease): Promise<boolean> {
    const update = { $set: { leaseUntil: this.until() } };
    const { matchedCount } = await this.collection.updateOne({ _id: new Types.ObjectId(scheduleId), fence }, update);
    return matchedCount > 0;
  }

  async release({ scheduleId, fence }: ScheduleLease): Promise<void> {
    const update = { $unset: { leaseOwner: true as const, leaseUntil: true as const } };
    await this.collection.updateOne({ _id: new Types.ObjectId(scheduleId), fence }, update);
  }

  /** When a lease that is claimed or renewed now ends. */
  until(): Date {
    return new Date(this.clock.now().getTime() + LEASE_MS);
  }
}
