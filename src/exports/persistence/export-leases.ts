import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import { isOwnerGone, LEASE_OWNER } from '../../executions/index.js';
import type { AsOf } from '../../metrics/index.js';
import { type ExportError, type ExportFile, type ExportJob, type Workload, workloadOf } from '../domain/export-job.js';
import { toJob } from './export-job.codec.js';
import { EXPORT_JOB, type ExportJobDocument } from './export-job.schema.js';

type Filter = mongo.Filter<ExportJobDocument>;
type Update = mongo.UpdateFilter<ExportJobDocument>;

const LEASE_MS = 30_000;
/** Between taking a job and looking who else is at work; more than that apart it is the clocks of two machines that differ. */
const AT_ONCE_MS = 1_000;

/** A job that this process has taken, and which attempt at it that is. */
export interface TakenJob {
  readonly job: ExportJob;
  readonly fence: number;
  readonly fileId: string;
}

/** What the sweep needs to know of a job. */
export interface JobHint {
  readonly jobId: string;
  readonly priority: ExportJob['priority'];
  readonly fence: number;
  readonly workload: Workload;
}

const isDue = (now: Date): Filter => ({ $or: [{ notBefore: { $exists: false } }, { notBefore: { $lte: now } }] });

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** The worker's side of the jobs, of all organizations: who works on what, by leases with a fence. */
@Injectable()
export class ExportLeases {
  private readonly collection: mongo.Collection<ExportJobDocument>;

  constructor(@InjectModel(EXPORT_JOB) model: Model<ExportJobDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Takes a job that waits; undefined when there is none of that id, or somebody else has it. */
  async take(jobId: string, now: Date): Promise<TakenJob | undefined> {
    if (!isId(jobId)) return undefined;
    const fileId = new Types.ObjectId().toHexString();
    const lease = { owner: LEASE_OWNER, until: new Date(now.getTime() + LEASE_MS), fileId };
    const filter: Filter = {
      _id: new Types.ObjectId(jobId),
      status: 'pending',
      ...isDue(now),
    };
    const taken = await this.collection.findOneAndUpdate(
      filter,
      [
        {
          $set: {
            status: 'in_progress',
            startedAt: now,
            done: 0,
            attempts: { $add: ['$attempts', 1] },
            fence: { $add: ['$fence', 1] },
            lease: { ...lease, fence: { $add: ['$fence', 1] } },
          },
        },
      ],
      { returnDocument: 'after' },
    );
    return taken ? { job: toJob(taken), fence: taken.fence, fileId } : undefined;
  }

  /**
   * Jobs of the same organization that are worked on. Of those that were taken at once each counts the ones before it: if
   * each counted all others, all of them would stand back.
   */
  othersAtWork({ job: { organization, jobId, startedAt } }: TakenJob): Promise<number> {
    const own = new Types.ObjectId(jobId);
    const filter: Filter = { o: organization, status: 'in_progress', _id: { $ne: own } };
    if (startedAt)
      filter.$nor = [
        { startedAt: { $gt: startedAt, $lte: new Date(startedAt.getTime() + AT_ONCE_MS) } },
        { startedAt, _id: { $gt: own } },
      ];
    return this.collection.countDocuments(filter);
  }

  /** Says how far it is and holds the lease; false when it is lost, by a cancel or to another worker. */
  beat(taken: TakenJob, done: number, now: Date): Promise<boolean> {
    return this.update(taken, { $set: { done, 'lease.until': new Date(now.getTime() + LEASE_MS) } });
  }

  /** Keeps where the rows are read at and how many they are, so that another attempt reads the same. */
  begin(taken: TakenJob, total: number, asOf: AsOf | undefined): Promise<boolean> {
    return this.update(taken, { $set: { total, ...(asOf ? { asOf } : {}) } });
  }

  complete(taken: TakenJob, file: ExportFile, now: Date, expiresAt: Date): Promise<boolean> {
    const set = { status: 'completed', file, done: file.rows, total: file.rows, finishedAt: now, expiresAt } as const;
    return this.update(taken, { $set: set, $unset: { lease: 1, error: 1 } });
  }

  fail(taken: TakenJob, error: ExportError, now: Date, expiresAt: Date): Promise<boolean> {
    const set = { status: 'failed', error, finishedAt: now, expiresAt } as const;
    return this.update(taken, { $set: set, $unset: { lease: 1 } });
  }

  /** Hands back what was tried, or what a stop cut off, to be taken again: at once, or not before a time. */
  release(taken: TakenJob, { notBefore, wasTried }: { notBefore?: Date; wasTried: boolean }): Promise<boolean> {
    return this.update(taken, {
      $set: { status: 'pending', done: 0, ...(notBefore ? { notBefore } : {}) },
      $unset: { lease: 1, hintedAt: 1 },
      ...(wasTried ? {} : { $inc: { attempts: -1 } }),
    });
  }

  /** Hands back a job whose turn it is not: the end of another one, or the sweep, tells the queue again. */
  postpone(taken: TakenJob): Promise<boolean> {
    return this.update(taken, { $set: { status: 'pending' }, $unset: { lease: 1 }, $inc: { attempts: -1 } });
  }

  /** Jobs that wait and of which the queue has not been told since a time; the sweep only. */
  async unhinted(since: Date, now: Date, limit: number): Promise<JobHint[]> {
    const filter: Filter = {
      status: 'pending',
      $and: [{ $or: [{ hintedAt: { $exists: false } }, { hintedAt: { $lt: since } }] }, isDue(now)],
    };
    const found = await this.collection.find(filter, { sort: { rank: 1, createdAt: 1 }, limit }).toArray();
    return found.map(toHint);
  }

  /** The jobs of an organization whose turn it is next; of one whose time has not come the sweep tells when it has. */
  async waiting(organization: string, now: Date, limit: number): Promise<JobHint[]> {
    const filter: Filter = { o: organization, status: 'pending', ...isDue(now) };
    const found = await this.collection.find(filter, { sort: { rank: 1, createdAt: 1 }, limit }).toArray();
    return found.map(toHint);
  }

  async hinted(jobId: string, now: Date): Promise<void> {
    await this.collection.updateOne({ _id: new Types.ObjectId(jobId), status: 'pending' }, { $set: { hintedAt: now } });
  }

  /** Leases whose holder is gone for certain, or has been silent for too long. */
  async abandoned(now: Date): Promise<TakenJob[]> {
    const found = await this.collection.find({ status: 'in_progress' }).toArray();
    return found
      .filter(({ lease }) => lease !== undefined && (lease.until < now || isOwnerGone(lease.owner)))
      .map((document) => ({ job: toJob(document), fence: document.fence, fileId: document.lease!.fileId }));
  }

  /** Jobs whose time is over: completed ones lose their file, others go altogether. */
  async expired(now: Date, limit: number): Promise<ExportJob[]> {
    return (await this.collection.find({ expiresAt: { $lte: now } }, { limit }).toArray()).map(toJob);
  }

  /** A completed job that has expired: it stays in the list until `forgetAt`, without its file. */
  async expire(jobId: string, forgetAt: Date): Promise<void> {
    const filter: Filter = { _id: new Types.ObjectId(jobId), status: 'completed' };
    await this.collection.updateOne(filter, { $set: { status: 'expired', expiresAt: forgetAt } });
  }

  async forget(jobId: string, now: Date): Promise<void> {
    const filter: Filter = { _id: new Types.ObjectId(jobId), expiresAt: { $lte: now }, status: { $ne: 'completed' } };
    await this.collection.deleteOne(filter);
  }

  /** Those of the files that some job holds or writes. */
  async filesInUse(fileIds: readonly string[]): Promise<Set<string>> {
    const ids = [...fileIds];
    const filter: Filter = { $or: [{ 'file.fileId': { $in: ids } }, { 'lease.fileId': { $in: ids } }] };
    const found = await this.collection.find(filter, { projection: { file: 1, lease: 1 } }).toArray();
    return new Set(found.flatMap(({ file, lease }) => [file?.fileId ?? '', lease?.fileId ?? '']));
  }

  private async update({ job, fence }: TakenJob, update: Update): Promise<boolean> {
    const filter: Filter = { _id: new Types.ObjectId(job.jobId), status: 'in_progress', 'lease.fence': fence };
    return (await this.collection.updateOne(filter, update)).matchedCount === 1;
  }
}

const toHint = ({ _id, priority, fence, source, format }: ExportJobDocument): JobHint => ({
  ...{ jobId: _id.toHexString(), priority, fence, workload: workloadOf({ source, format }) },
});
