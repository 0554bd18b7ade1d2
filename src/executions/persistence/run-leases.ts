import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { randomUUID } from 'node:crypto';
import { Types, type Model, type mongo } from 'mongoose';
import { isDatabaseAway, isDuplicateKey, nativeCollection } from '../../common/index.js';
import type { RunState } from '../domain/model.js';
import type { NewRun, RunPatch } from '../domain/new-run.js';
import { type AttemptRef, NO_TOTALS, type RunRecord, type RunTotals } from '../domain/run-record.js';
import { isOwnerGone, LEASE_OWNER } from './lease-owner.js';
import { fromRef, runFields, toPairs, toRun } from './run-codec.js';
import { RUN, type LeaseDocument, type RunDocument } from './run.schema.js';

export const LEASE_MS = 30_000;
const STREAM_PAUSE_MS = 15_000;
/** Longer than an insert of one chunk takes. */
const INSERT_MARGIN_MS = 10_000;
/** A write that this process gave up on may still be at work in the server for so long. */
const STRAGGLER_MS = 2_000;

/** The right to write to a run, and the run as it was when the right was given (or last changed under it). */
export interface Lease {
  readonly token: string;
  readonly run: RunRecord;
}

export class LeaseLostError extends Error {}

/** Who may write to a run: one holder at a time, over all processes. Times are those of the process. */
@Injectable()
export class RunLeases {
  private readonly collection: mongo.Collection<RunDocument>;
  /**
   * Leases of this process that somebody still works under, and when each was last confirmed (monotonic ms). Any other of
   * ours was left behind by an error.
   */
  private readonly active = new Map<string, number>();

  constructor(@InjectModel(RUN) model: Model<RunDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Creates the run in its first generation and holds it; `undefined` when the key is taken. */
  async create({ key, run, shardsSeen }: NewRun): Promise<Lease | undefined> {
    const lease = this.newLease();
    const now = new Date();
    const document: RunDocument = {
      ...runFields(run),
      _id: new Types.ObjectId(),
      o: run.organization,
      p: new Types.ObjectId(run.projectId),
      pk: run.projectKey,
      key,
      externalId: run.externalId,
      kind: run.kind,
      tags: [...run.tags],
      startedAt: run.startedAt,
      status: run.status,
      generation: 1,
      summarised: 0,
      days: [],
      state: 'live',
      totals: NO_TOTALS,
      shardsSeen: [...shardsSeen],
      pending: true,
      lease,
      createdAt: now,
      updatedAt: now,
    };
    try {
      await this.collection.insertOne(document);
      return { token: lease.token, run: toRun(document) };
    } catch (error) {
      this.active.delete(lease.token);
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  /** One attempt; `undefined` while somebody else holds the run, or when it is gone. */
  async tryTake(runId: string): Promise<Lease | undefined> {
    const _id = new Types.ObjectId(runId);
    const free = { $or: [{ lease: { $exists: false } }, { 'lease.until': { $lt: new Date() } }] };
    const taken = await this.takeWhere({ _id, ...free });
    if (taken) return taken;
    const held = await this.collection.findOne({ _id }, { projection: { lease: 1 } });
    if (!held || (held.lease && !this.isLeftBehind(held.lease))) return undefined;
    // it was given back since the first look, or may be by now
    const givenBack = { lease: { $exists: false } };
    return this.takeWhere({ _id, $or: held.lease ? [givenBack, { 'lease.token': held.lease.token }] : [givenBack] });
  }

  private async takeWhere(filter: mongo.Filter<RunDocument>): Promise<Lease | undefined> {
    const lease = this.newLease();
    try {
      const found = await this.collection.findOneAndUpdate(filter, { $set: { lease } }, { returnDocument: 'after' });
      if (found) return { token: lease.token, run: toRun(found) };
    } catch (error) {
      this.active.delete(lease.token);
      throw error;
    }
    this.active.delete(lease.token);
    return undefined;
  }

  /** Begins a new generation: whatever is inserted from now on is owed a summary. */
  async raise(lease: Lease, patch: RunPatch = {}): Promise<Lease> {
    const { metrics, ...rest } = patch;
    const now = Date.now();
    const $set = {
      ...rest,
      ...(metrics ? { metrics: toPairs(metrics) } : {}),
      pending: true as const,
      'lease.until': new Date(now + LEASE_MS),
      updatedAt: new Date(now),
    };
    return this.change(lease, { $inc: { generation: 1 }, $set });
  }

  /** Extends the lease for as long as the work takes; answers how to stop. */
  keepAlive(lease: Lease): () => void {
    const extend = async (): Promise<void> => {
      const asked = performance.now();
      const $set = { 'lease.until': new Date(Date.now() + LEASE_MS) };
      const { matchedCount } = await this.collection.updateOne(this.held(lease), { $set });
      if (matchedCount > 0 && this.active.has(lease.token)) this.active.set(lease.token, asked);
    };
    const timer = setInterval(() => void extend().catch(() => undefined), LEASE_MS / 3);
    return () => clearInterval(timer);
  }

  /**
   * Called before results are inserted: a process that slept through its lease must not write under it.
   * @throws LeaseLostError
   */
  assertHeld(lease: Lease): void {
    const confirmedAt = this.active.get(lease.token);
    if (confirmedAt === undefined || performance.now() - confirmedAt > LEASE_MS - INSERT_MARGIN_MS)
      throw new LeaseLostError(`the lease of run ${lease.run.runId} may have been lost`);
  }

  /** The generation of the lease is in the rollups: nothing is owed any more, and the run is free. */
  async complete(
    lease: Lease,
    days: readonly number[],
    totals: RunTotals,
    newest: readonly AttemptRef[],
  ): Promise<RunRecord> {
    const { run } = await this.change(lease, {
      $set: { summarised: lease.run.generation, days: [...days], totals, newest: newest.map(fromRef) },
      $unset: { pending: '', lease: '', stream: '' },
    });
    this.active.delete(lease.token);
    return run;
  }

  /** From now on the run takes no results; its key is free again when it is deleted. */
  async beginRemoval(lease: Lease, state: Exclude<RunState, 'live'>): Promise<Lease> {
    const key = state === 'deleted' ? { key: `deleted:${lease.run.runId}` } : {};
    return this.change(lease, { $set: { state, removing: true as const, ...key } });
  }

  async endRemoval(lease: Lease): Promise<RunRecord> {
    const { run } = await this.change(lease, { $unset: { removing: '', pending: '', lease: '', stream: '' } });
    this.active.delete(lease.token);
    return run;
  }

  /** Gives the run back; what is owed stays owed. */
  async release(lease: Lease): Promise<void> {
    this.active.delete(lease.token);
    await this.collection.updateOne(this.held(lease), { $unset: { lease: '' } });
  }

  /** After an error. What is owed is for the sweep, or for whoever writes next. */
  abandon(lease: Lease, error: unknown): void {
    if (!this.active.has(lease.token)) return;
    if (isDatabaseAway(error)) setTimeout(() => this.active.delete(lease.token), STRAGGLER_MS).unref();
    else void this.release(lease).catch(() => undefined);
  }

  /** Gives the run back between two chunks of a stream, so that others can write: the sweep waits for the next chunk. */
  async pauseStream(lease: Lease): Promise<void> {
    this.active.delete(lease.token);
    const stream = { owner: LEASE_OWNER, until: new Date(Date.now() + STREAM_PAUSE_MS) };
    await this.collection.updateOne(this.held(lease), { $set: { stream }, $unset: { lease: '' } });
  }

  /** Runs that somebody owes a summary or a removal, and that nobody works on. */
  async abandoned(limit: number): Promise<{ runId: string; removing: boolean }[]> {
    const options = { projection: { lease: 1, stream: 1, removing: 1 }, limit };
    const [pending, removing] = await Promise.all([
      this.collection.find({ pending: true }, options).toArray(),
      this.collection.find({ removing: true }, options).toArray(),
    ]);
    const now = new Date();
    return [...pending.filter((document) => document.removing !== true), ...removing]
      .filter(({ lease }) => lease === undefined || lease.until < now || this.isLeftBehind(lease))
      .filter(({ lease, stream }) => lease || !stream || stream.until < now || isOwnerGone(stream.owner))
      .map((document) => ({ runId: document._id.toHexString(), removing: document.removing === true }));
  }

  private isLeftBehind(lease: LeaseDocument): boolean {
    return lease.owner === LEASE_OWNER ? !this.active.has(lease.token) : isOwnerGone(lease.owner);
  }

  private async change(lease: Lease, update: mongo.UpdateFilter<RunDocument>): Promise<Lease> {
    const found = await this.collection.findOneAndUpdate(this.held(lease), update, { returnDocument: 'after' });
    if (!found) throw new LeaseLostError(`the lease of run ${lease.run.runId} was lost`);
    return { token: lease.token, run: toRun(found) };
  }

  private held(lease: Lease): mongo.Filter<RunDocument> {
    return { _id: new Types.ObjectId(lease.run.runId), 'lease.token': lease.token };
  }

  private newLease(): LeaseDocument {
    const token = randomUUID();
    this.active.set(token, performance.now());
    return { token, owner: LEASE_OWNER, until: new Date(Date.now() + LEASE_MS) };
  }
}
