import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, Types, type Model } from 'mongoose';
import { isDuplicateKey, nativeCollection } from '../../common/index.js';
import type { SealedDay } from '../domain/seal.js';
import type { Rows } from '../domain/rows.js';
import { decodeRows } from '../domain/rows-codec.js';
import { SEALED_DAY, SEALED_ROWS, type SealedDayDocument, type SealedRowsDocument } from './schemas.js';

export type BlockKind = 'totals' | 'byDay' | 'bySlot';

export interface PackedDay {
  readonly day: number;
  readonly version: number;
  readonly bytes: Buffer;
}

const BINARY = { promoteBuffers: true } as const;

@Injectable()
export class SealedDaysRepository {
  private readonly days: mongo.Collection<SealedDayDocument>;
  private readonly rows: mongo.Collection<SealedRowsDocument>;

  constructor(
    @InjectModel(SEALED_DAY) days: Model<SealedDayDocument>,
    @InjectModel(SEALED_ROWS) rows: Model<SealedRowsDocument>,
  ) {
    this.days = nativeCollection(days);
    this.rows = nativeCollection(rows);
  }

  /**
   * Writes the documents of one version of a day; readers check the version, so half a write is never mixed up. Who has
   * been slow to seal leaves what another has sealed since as it is.
   */
  async write(organization: string, projectId: string, day: number, version: number, sealed: SealedDay): Promise<void> {
    const p = new Types.ObjectId(projectId);
    const shared = { o: organization, p, d: day, v: version };
    const of = sealed.rowParts.length;
    // a newer one is not found, and its key is taken
    const notNewer = { v: { $lte: version } };
    const replacements = sealed.rowParts.map((rows, part) => ({
      replaceOne: {
        filter: { _id: `${projectId}:${day}:${part}/${of}`, ...notNewer },
        replacement: { ...shared, part, of, rows },
        upsert: true,
      },
    }));
    await isFree(this.rows.bulkWrite(replacements, { ordered: false }));
    const { totals, byDay, bySlot, length: n } = sealed;
    const _id = `${projectId}:${day}`;
    const replacement = { ...shared, n, totals, byDay, bySlot };
    const isNewest = await isFree(this.days.replaceOne({ _id, ...notNewer }, replacement, { upsert: true }));
    const newest = isNewest ? version : (await this.days.findOne({ _id }, { projection: { v: 1 } }))?.v;
    await this.rows.deleteMany({ p, d: day, v: { $lt: newest ?? version } });
  }

  /** One kind of block of the given days; what is not sealed is not among them. */
  async blocks(projectId: string, kind: BlockKind, days: readonly number[]): Promise<PackedDay[]> {
    const found = await this.days
      .find(this.filter(projectId, days), { projection: { d: 1, v: 1, [kind]: 1 }, batchSize: 1000, ...BINARY })
      .toArray();
    return found.map((document) => ({ day: document.d, version: document.v, bytes: document[kind] }));
  }

  /**
   * The rows of the given days, decoded, complete at the version asked for; days that are not are left out.
   * @param onlyParts of a day that is stored in parts, these are enough
   */
  async rowsOf(
    projectId: string,
    versions: ReadonlyMap<number, number>,
    onlyParts?: readonly number[],
  ): Promise<Map<number, Rows[]>> {
    const days = this.filter(projectId, [...versions.keys()]);
    const filter = onlyParts ? { ...days, $or: [{ of: 1 }, { part: { $in: [...onlyParts] } }] } : days;
    const found = new Map<number, { of: number; rows: Rows[] }>();
    for await (const document of this.rows.find(filter, { ...BINARY, batchSize: 1000 })) {
      if (versions.get(document.d) !== document.v) continue;
      const entry = found.get(document.d) ?? { of: document.of, rows: [] };
      if (entry.of === document.of) entry.rows.push(decodeRows(document.rows));
      found.set(document.d, entry);
    }
    const expected = (of: number): number => (of > 1 && onlyParts ? onlyParts.length : of);
    const complete = [...found].filter(([, entry]) => entry.rows.length === expected(entry.of));
    return new Map(complete.map(([day, { rows }]) => [day, rows]));
  }

  /** Everything stored of one day, for `verify`. */
  async stored(projectId: string, day: number): Promise<{ day: SealedDayDocument | null; rows: SealedRowsDocument[] }> {
    const p = new Types.ObjectId(projectId);
    return {
      day: await this.days.findOne({ _id: `${projectId}:${day}` }, BINARY),
      rows: await this.rows.find({ p, d: day }, { sort: { part: 1 }, ...BINARY }).toArray(),
    };
  }

  private filter(projectId: string, days: readonly number[]): { p: Types.ObjectId; d: object } {
    const p = new Types.ObjectId(projectId);
    const first = Math.min(...days);
    const last = Math.max(...days);
    // a range scan beats a long $in when the days are dense, which they are in a report
    const dense = last - first < days.length * 2;
    return { p, d: dense ? { $gte: first, $lte: last } : { $in: [...days] } };
  }
}

/** @returns false where the key of an upsert was taken, by a version that is not older */
const isFree = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (failuresOf(error).every(isDuplicateKey)) return false;
    throw error;
  }
};

/** Each write that failed; an unordered bulk goes on behind one. */
const failuresOf = (error: unknown): unknown[] => {
  const { writeErrors } = error as { writeErrors?: mongo.OneOrMore<mongo.WriteError> };
  const all = [writeErrors ?? []].flat();
  return all.length > 0 ? all : [error];
};
