import { KNOWN_DAYS } from './catalogue.js';
import type { TimeBucket } from './query.js';

const WINDOW_MS = KNOWN_DAYS * 86_400_000;

/** How far before a range attempts have to be fed, so that what is known at its begin is right. */
export const LOOKBACK_MS = WINDOW_MS;

/** Per bucket. known = known before + appeared - vanished. */
export interface LifecycleCounts {
  readonly executed: number[];
  readonly known: number[];
  readonly appeared: number[];
  readonly vanished: number[];
  /** Known, but only skipped or cancelled while it was. */
  readonly neverRun: number[];
}

/** Stretches of one test's outcomes in time: first, last, first, last ... within one UTC day and bucket. */
interface Stretches {
  readonly times: number[];
  readonly buckets: number[];
}

interface History {
  readonly seen: Stretches;
  readonly ran: Stretches;
}

interface Life {
  readonly known: number[];
  readonly appeared: number[];
  readonly vanished: number[];
}

/** Follows tests over time: when each appeared, ran and fell silent. Feed it UTC days in order; within a day any order. */
export class TestLifecycles {
  private readonly histories = new Map<string, History>();

  /** @param bucket of `at`, -1 before the range */
  add(test: string, at: number, bucket: number, ran: boolean): void {
    let history = this.histories.get(test);
    if (!history)
      this.histories.set(test, (history = { seen: { times: [], buckets: [] }, ran: { times: [], buckets: [] } }));
    extend(history.seen, at, bucket);
    if (ran) extend(history.ran, at, bucket);
  }

  /** All zero without tests. `now` ends what can be told: a test cannot vanish in the future. */
  finish(buckets: readonly TimeBucket[], bucketAt: (epochMs: number) => number, now: number): LifecycleCounts {
    const seen = this.lifeOf('seen', buckets, bucketAt, now);
    const ran = this.lifeOf('ran', buckets, bucketAt, now);
    const executed = buckets.map(() => 0);
    for (const history of this.histories.values())
      for (const bucket of new Set(history.ran.buckets)) if (bucket >= 0) executed[bucket]!++;
    return { executed, ...seen, neverRun: seen.known.map((known, i) => known - ran.known[i]!) };
  }

  private lifeOf(
    kind: keyof History,
    buckets: readonly TimeBucket[],
    bucketAt: (epochMs: number) => number,
    now: number,
  ): Life {
    const [appeared, vanished] = [buckets.map(() => 0), buckets.map(() => 0)];
    const start = buckets[0]?.from.getTime() ?? 0;
    let atStart = 0;
    const count = (counts: number[], at: number): void => {
      const bucket = bucketAt(at);
      if (bucket >= 0) counts[bucket]!++;
    };
    for (const history of this.histories.values()) {
      const { appearances, silences } = turningPoints(history[kind]);
      for (const at of appearances) count(appeared, at);
      for (const at of silences) if (at < now) count(vanished, at);
      if (appearances.some((at, i) => at < start && start <= silences[i]!)) atStart++;
    }
    let known = atStart;
    return { known: buckets.map((_, i) => (known += appeared[i]! - vanished[i]!)), appeared, vanished };
  }
}

/** Widens the stretch of the same day and bucket, or begins one. A day is the newest, so few stretches are looked at. */
const extend = ({ times, buckets }: Stretches, at: number, bucket: number): void => {
  const day = Math.floor(at / 86_400_000);
  for (let i = buckets.length - 1; i >= 0 && Math.floor(times[2 * i]! / 86_400_000) === day; i--)
    if (buckets[i] === bucket) {
      times[2 * i] = Math.min(times[2 * i]!, at);
      times[2 * i + 1] = Math.max(times[2 * i + 1]!, at);
      return;
    }
  times.push(at, at);
  buckets.push(bucket);
};

/** When a test appeared, and for each time when its silence had lasted the whole window. */
const turningPoints = ({ times }: Stretches): { appearances: number[]; silences: number[] } => {
  const stretches = Array.from({ length: times.length / 2 }, (_, i) => [times[2 * i]!, times[2 * i + 1]!] as const);
  stretches.sort((a, b) => a[0] - b[0]);
  const appearances: number[] = [];
  const silences: number[] = [];
  let last = -Infinity;
  for (const [first, end] of stretches) {
    if (first > last + WINDOW_MS) {
      if (last > -Infinity) silences.push(last + WINDOW_MS);
      appearances.push(first);
    }
    last = Math.max(last, end);
  }
  if (last > -Infinity) silences.push(last + WINDOW_MS);
  return { appearances, silences };
};
