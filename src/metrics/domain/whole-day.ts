import { allocateBlock, type DayBlock } from './day-block.js';
import { HISTOGRAM_BUCKETS } from './histogram.js';

/** A day's rollup with its quarter hours added up into slot 0: what serves where the whole day lies in one bucket. */
export const wholeDay = (block: DayBlock): DayBlock => {
  const entriesOf = new Map<number, number[]>();
  for (let e = 0; e < block.length; e++) {
    const key = block.group[e]! * 16 + block.code[e]!;
    const entries = entriesOf.get(key);
    if (entries) entries.push(e);
    else entriesOf.set(key, [e]);
  }
  const inOrder = [...entriesOf].sort(([a], [b]) => a - b).map(([, entries]) => entries);
  const histograms = inOrder.map((entries) => mergeHistograms(block, entries));
  const pairs = histograms.reduce((sum, histogram) => sum + histogram.length, 0);
  const whole = allocateBlock(inOrder.length, pairs, block.groups);
  let pair = 0;
  inOrder.forEach((entries, e) => {
    whole.group[e] = block.group[entries[0]!]!;
    whole.code[e] = block.code[entries[0]!]!;
    for (const entry of entries) addEntry(whole, e, block, entry);
    for (const [bucket, count] of histograms[e]!) {
      whole.histogramBucket[pair] = bucket;
      whole.histogramCount[pair++] = count;
    }
    whole.start[e + 1] = pair;
  });
  return whole;
};

const addEntry = (whole: DayBlock, e: number, block: DayBlock, entry: number): void => {
  whole.n[e]! += block.n[entry]!;
  whole.flaky[e]! += block.flaky[entry]!;
  whole.retried[e]! += block.retried[entry]!;
  if (block.durationN[entry] === 0) return;
  const isFirst = whole.durationN[e] === 0;
  whole.durationMinUs[e] = Math.min(isFirst ? Infinity : whole.durationMinUs[e]!, block.durationMinUs[entry]!);
  whole.durationMaxUs[e] = Math.max(whole.durationMaxUs[e]!, block.durationMaxUs[entry]!);
  whole.durationN[e]! += block.durationN[entry]!;
  whole.durationSumUs[e]! += block.durationSumUs[entry]!;
};

/** Pairs of bucket and count, by bucket. */
const mergeHistograms = (block: DayBlock, entries: readonly number[]): [bucket: number, count: number][] => {
  const counts = new Uint32Array(HISTOGRAM_BUCKETS);
  for (const entry of entries)
    for (let h = block.start[entry]!, end = block.start[entry + 1]!; h < end; h++)
      counts[block.histogramBucket[h]!]! += block.histogramCount[h]!;
  const pairs: [bucket: number, count: number][] = [];
  counts.forEach((count, bucket) => {
    if (count > 0) pairs.push([bucket, count]);
  });
  return pairs;
};
