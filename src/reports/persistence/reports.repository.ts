import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { LRUCache } from 'lru-cache';
import { mongo, Types, type Model } from 'mongoose';
import { decodeCursor, encodeCursor, nativeCollection, type Page, type Scope } from '../../common/index.js';
import { isPending, type ReportBody } from '../domain/report-body.js';
import type { ReportHead, ReportRequest, ReportType } from '../domain/report.js';
import type { ReportScores } from '../domain/scores.js';
import { PackedBody } from './packed-body.js';
import { REPORT, type ReportDocument } from './report.schema.js';

/** A report with its figures, which are parsed when they are looked at. */
export class StoredReport {
  constructor(
    readonly head: ReportHead,
    readonly packed: PackedBody,
  ) {}

  get body(): ReportBody {
    return this.packed.body;
  }
}

/** What tells whether a stored report is still the answer: the same request at the same position, or over the same days. */
export interface ReportBasis {
  /** See `cacheKey`. */
  readonly key: string;
  readonly asOf: number;
  /** Moves with every change of the days that the report depends on, and of what people have defined. */
  readonly content: string;
}

const HEAD = { projection: { tail: 0 } } as const;
const KEPT_BYTES = 64 * 1024 * 1024;

const bodyKey = ({ reportId, revision }: Pick<ReportHead, 'reportId' | 'revision'>): string =>
  `${reportId}.${revision}`;

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** A report is visible to who may see every project that it counts. */
const visible = (scope: Scope): mongo.Filter<ReportDocument> => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $not: { $elemMatch: { $nin: [...scope.projects] } } } }),
});

@Injectable()
export class ReportsRepository {
  private readonly collection: mongo.Collection<ReportDocument>;
  /** Bodies by report id and revision. What was stored never changes, and who may see it is asked of its head each time. */
  private readonly bodies = new LRUCache<string, PackedBody>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });

  constructor(@InjectModel(REPORT) model: Model<ReportDocument>) {
    this.collection = nativeCollection(model);
  }

  newId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** @param basis without `content`: it is only the answer at its own position */
  async insert(
    head: ReportHead,
    { key, content }: Pick<ReportBasis, 'key'> & Partial<Pick<ReportBasis, 'content'>>,
    body: ReportBody,
  ): Promise<StoredReport> {
    const packed = await PackedBody.pack(body);
    await this.collection.insertOne({
      _id: new Types.ObjectId(head.reportId),
      o: head.organization,
      pk: head.projects.map((project) => project.key),
      projects: head.projects.map(({ id, key: projectKey, team }) => [id, projectKey, team]),
      key,
      ...(content === undefined ? {} : { content }),
      type: head.type,
      ...(head.name === undefined ? {} : { name: head.name }),
      request: JSON.stringify(head.request),
      asOf: head.asOf,
      pins: head.pins.map(({ runId, generation }) => [runId, generation]),
      ...(head.newestCommitAt ? { newestCommitAt: head.newestCommitAt } : {}),
      plan: head.plan,
      by: head.createdBy,
      at: head.generatedAt,
      expiresAt: head.expiresAt,
      ...(head.isPending && { pending: true, wantedAt: head.generatedAt }),
      tail: new mongo.Binary(packed.deflated),
    });
    this.bodies.set(bodyKey(head), packed);
    return new StoredReport(head, packed);
  }

  /** Notes that somebody asks for a report whose scores are pending. */
  async want({ reportId, organization }: ReportHead, now: Date): Promise<void> {
    const filter = { _id: new Types.ObjectId(reportId), o: organization, pending: true };
    await this.collection.updateOne(filter, { $set: { wantedAt: now } });
  }

  /** Of the pending reports of all organizations the one that was wanted last, if that was after `since`; for one caller only. */
  async claimPending(since: Date): Promise<ReportHead | undefined> {
    const found = await this.collection.findOneAndUpdate(
      { pending: true, wantedAt: { $gt: since } },
      { $unset: { wantedAt: 1 } },
      { ...HEAD, sort: { wantedAt: -1 } },
    );
    return found ? toHead(found) : undefined;
  }

  /** Fills in scores that were pending; does nothing where that was done already. */
  async complete(head: ReportHead, scores: ReportScores): Promise<StoredReport | undefined> {
    const stored = await this.withBody(head);
    if (!stored || !isPending(stored.body)) return stored;
    const body: ReportBody = { ...stored.body, totals: { ...stored.body.totals, ...scores } };
    const packed = await PackedBody.pack(body);
    const revision = head.revision + 1;
    const filter = { _id: new Types.ObjectId(head.reportId), o: head.organization, pending: true };
    const change = {
      $set: { tail: new mongo.Binary(packed.deflated), rev: revision },
      $unset: { pending: 1, wantedAt: 1 },
    } as const;
    const { modifiedCount } = await this.collection.updateOne(filter, change);
    if (modifiedCount === 0) return undefined;
    const completed = { ...head, revision, isPending: false };
    this.bodies.set(bodyKey(completed), packed);
    return new StoredReport(completed, packed);
  }

  /** The report that the same request gave, where nothing that it depends on has changed since. */
  async findCached(scope: Scope, { key, asOf, content }: ReportBasis, now: Date): Promise<StoredReport | undefined> {
    const filter = { ...visible(scope), key, $or: [{ asOf }, { content }], expiresAt: { $gt: now } };
    const found = await this.collection.findOne(filter, { ...HEAD, sort: { _id: -1 } });
    return found ? this.withBody(toHead(found)) : undefined;
  }

  /** The figures of a report whose head was found; `undefined` when it was deleted meanwhile. */
  async withBody(head: ReportHead): Promise<StoredReport | undefined> {
    const kept = this.bodies.get(bodyKey(head));
    if (kept) return new StoredReport(head, kept);
    const _id = new Types.ObjectId(head.reportId);
    const found = await this.collection.findOne({ o: head.organization, _id }, { projection: { tail: 1 } });
    if (!found?.tail) return undefined;
    const packed = await PackedBody.unpack(Buffer.from(found.tail.value()));
    this.bodies.set(bodyKey(head), packed);
    return new StoredReport(head, packed);
  }

  async findHead(scope: Scope, reportId: string): Promise<ReportHead | undefined> {
    if (!isId(reportId)) return undefined;
    const found = await this.collection.findOne({ ...visible(scope), _id: new Types.ObjectId(reportId) }, HEAD);
    return found ? toHead(found) : undefined;
  }

  /** Newest first. */
  async list(
    scope: Scope,
    {
      types,
      limit,
      cursor,
    }: { readonly types?: readonly ReportType[]; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ReportHead>> {
    const after = cursor === undefined ? {} : { _id: { $lt: new Types.ObjectId(idOf(cursor)) } };
    const filter = { ...visible(scope), ...after, ...(types ? { type: { $in: [...types] } } : {}) };
    const found = await this.collection
      .find(filter, HEAD)
      .sort({ _id: -1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit).map(toHead);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.reportId]) : null };
  }

  async remove(scope: Scope, reportId: string): Promise<void> {
    for (const revision of [0, 1]) this.bodies.delete(bodyKey({ reportId, revision }));
    await this.collection.deleteOne({ ...visible(scope), _id: new Types.ObjectId(reportId) });
  }
}

const idOf = (cursor: string): string => {
  const id = String(decodeCursor(cursor, 1)[0]);
  return isId(id) ? id : '0'.repeat(24);
};

const toHead = (document: Omit<ReportDocument, 'tail'>): ReportHead => ({
  reportId: document._id.toHexString(),
  organization: document.o,
  type: document.type,
  ...(document.name === undefined ? {} : { name: document.name }),
  request: toRequest(document.request),
  projects: document.projects.map(([id, key, team]) => ({ id, key, team })),
  asOf: document.asOf,
  pins: document.pins.map(([runId, generation]) => ({ runId, generation })),
  ...(document.newestCommitAt ? { newestCommitAt: document.newestCommitAt } : {}),
  plan: document.plan,
  createdBy: document.by,
  generatedAt: document.at,
  expiresAt: document.expiresAt,
  revision: document.rev ?? 0,
  isPending: document.pending ?? false,
});

const toRequest = (json: string): ReportRequest => {
  const request = JSON.parse(json) as ReportRequest & { range: { from: string; to: string; timeZone: string } };
  const { from, to, timeZone } = request.range;
  return { ...request, range: { from: new Date(from), to: new Date(to), timeZone } };
};
