import { ByteReader, ByteWriter } from './bytes.js';
import { bucketOf, HISTOGRAM_BUCKETS } from './histogram.js';
import { readGroup, writeGroup } from './rows-codec.js';
import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED, ROW_STATUS, type GroupKey, type Rows } from './rows.js';

const VERSION = 1;
export const SLOT_MS = 15 * 60_000;
export const SLOTS_PER_DAY = 96;
/** Added to a status code where the entry counts superseded attempts. */
export const SUPERSEDED = 8;

/**
 * The rollup of one day: an entry for each quarter hour, group and status (final or superseded), with its counts,
 * durations (microseconds) and sparse histogram. Entry e's histogram is histogramBucket/-Count[start[e]..start[e+1]).
 */
export interface DayBlock {
  readonly length: number;
  readonly groups: readonly GroupKey[];
  readonly slot: Uint8Array;
  readonly group: Uint16Array | Uint32Array;
  readonly code: Uint8Array;
  readonly n: Uint32Array;
  readonly flaky: Uint32Array;
  readonly retried: Uint32Array;
  readonly durationN: Uint32Array;
  readonly durationSumUs: Float64Array;
  readonly durationMinUs: Float64Array;
  readonly durationMaxUs: Float64Array;
  readonly start: Uint32Array;
  readonly histogramBucket: Uint16Array;
  readonly histogramCount: Uint32Array;
}

interface Entry {
  readonly key: number;
  n: number;
  flaky: number;
  retried: number;
  durationN: number;
  sumUs: number;
  minUs: number;
  maxUs: number;
  readonly histogram: Map<number, number>;
}

export interface BlockShape {
  /** Keep quarter hours apart; else the whole day is slot 0. */
  readonly slots: boolean;
  /** Keep groups apart; else everything is one group. */
  readonly groups: boolean;
}

const ALL: GroupKey = { suite: '', type: '', environment: '', branch: '', owner: '', user: '', kind: '', tags: [] };

/** Rolls a day's rows up and packs them: a pure function of the rows, so a recount gives the same bytes. */
export const packDayBlock = (rows: Rows, shape: BlockShape): Buffer => {
  const entries = new Map<number, Entry>();
  for (let i = 0; i < rows.length; i++) addRow(entries, rows, i, shape);
  const out = new ByteWriter();
  const groups = shape.groups ? rows.groups : [ALL];
  out.byte(VERSION);
  out.varint(groups.length);
  for (const group of groups) writeGroup(out, group);
  const sorted = [...entries.values()].sort((a, b) => a.key - b.key);
  out.varint(sorted.length);
  out.varint(sorted.reduce((sum, entry) => sum + entry.histogram.size, 0));
  let previous = 0;
  for (const entry of sorted) {
    out.varint(entry.key - previous);
    previous = entry.key;
    writeEntry(out, entry);
  }
  return out.finish();
};

// slot, group and code in one sortable number: code has 16 values, a group index stays under 2^20
const keyOf = (slot: number, group: number, code: number): number => (slot * 0x100000 + group) * 16 + code;

const addRow = (entries: Map<number, Entry>, rows: Rows, i: number, shape: BlockShape): void => {
  const flags = rows.flags[i]!;
  const code = (flags & ROW_STATUS) + (flags & ROW_FINAL ? 0 : SUPERSEDED);
  const slot = shape.slots ? Math.floor(rows.at[i]! / SLOT_MS) : 0;
  const key = keyOf(slot, shape.groups ? rows.group[i]! : 0, code);
  let entry = entries.get(key);
  if (!entry) {
    entry = { key, n: 0, flaky: 0, retried: 0, durationN: 0, sumUs: 0, minUs: 0, maxUs: 0, histogram: new Map() };
    entries.set(key, entry);
  }
  entry.n++;
  if (flags & ROW_FLAKY) entry.flaky++;
  if (flags & ROW_RETRIED) entry.retried++;
  if (!(flags & ROW_HAS_DURATION)) return;
  const us = rows.durationUs[i]!;
  entry.minUs = entry.durationN === 0 ? us : Math.min(entry.minUs, us);
  entry.maxUs = Math.max(entry.maxUs, us);
  entry.durationN++;
  entry.sumUs += us;
  const bucket = bucketOf(us);
  entry.histogram.set(bucket, (entry.histogram.get(bucket) ?? 0) + 1);
};

const writeEntry = (out: ByteWriter, entry: Entry): void => {
  out.varint(entry.n);
  out.varint(entry.flaky);
  out.varint(entry.retried);
  out.varint(entry.durationN);
  if (entry.durationN === 0) return;
  out.varint(entry.sumUs);
  out.varint(entry.minUs);
  out.varint(entry.maxUs - entry.minUs);
  out.varint(entry.histogram.size);
  let previous = 0;
  for (const [bucket, count] of [...entry.histogram].sort(([a], [b]) => a - b)) {
    out.varint(bucket - previous);
    out.varint(count);
    previous = bucket;
  }
};

/** A block of so many entries and pairs of a histogram, all zero. */
export const allocateBlock = (length: number, pairs: number, groups: readonly GroupKey[]): DayBlock => ({
  length,
  groups,
  slot: new Uint8Array(length),
  group: groups.length <= 0xffff ? new Uint16Array(length) : new Uint32Array(length),
  code: new Uint8Array(length),
  n: new Uint32Array(length),
  flaky: new Uint32Array(length),
  retried: new Uint32Array(length),
  durationN: new Uint32Array(length),
  durationSumUs: new Float64Array(length),
  durationMinUs: new Float64Array(length),
  durationMaxUs: new Float64Array(length),
  start: new Uint32Array(length + 1),
  histogramBucket: new Uint16Array(pairs),
  histogramCount: new Uint32Array(pairs),
});

/**
 * @param intern hands back one object for equal groups, so that a query looks each group up once, whatever the number of days
 * @throws RangeError when the bytes are cut short, damaged or of an unknown version
 */
export const unpackDayBlock = (
  bytes: Uint8Array,
  intern: (group: GroupKey) => GroupKey = (group) => group,
): DayBlock => {
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== VERSION) throw new RangeError(`day blocks of version ${version} cannot be read`);
  const groups = Array.from({ length: input.varint() }, () => intern(readGroup(input)));
  const length = input.varint();
  const block = allocateBlock(length, input.varint(), groups);
  let key = 0;
  let pair = 0;
  for (let e = 0; e < length; e++) {
    key += input.varint();
    block.code[e] = key % 16;
    block.group[e] = Math.floor(key / 16) % 0x100000;
    block.slot[e] = Math.floor(key / 16 / 0x100000);
    pair = readEntry(input, block, e, pair);
  }
  return block;
};

const readEntry = (input: ByteReader, block: DayBlock, e: number, firstPair: number): number => {
  let pair = firstPair;
  block.n[e] = input.varint();
  block.flaky[e] = input.varint();
  block.retried[e] = input.varint();
  const durationN = (block.durationN[e] = input.varint());
  if (durationN > 0) {
    block.durationSumUs[e] = input.varint();
    block.durationMinUs[e] = input.varint();
    block.durationMaxUs[e] = block.durationMinUs[e] + input.varint();
    let bucket = 0;
    for (let left = input.varint(); left > 0; left--) {
      bucket += input.varint();
      if (bucket >= HISTOGRAM_BUCKETS) throw new RangeError('histogram bucket out of range');
      block.histogramBucket[pair] = bucket;
      block.histogramCount[pair++] = input.varint();
    }
  }
  block.start[e + 1] = pair;
  return pair;
};

/** Bytes that a decoded block holds in memory, for bounded caches. */
export const sizeOfBlock = (block: DayBlock): number => block.length * 52 + block.histogramBucket.length * 6 + 1000;
