import { AsyncLocalStorage } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';

interface OpenRequest {
  /** `performance.now()` when it came, or since when it wants to know everything. */
  since: number;
  isOpen: boolean;
}

/** A request that lasts longer, or whose end nobody has told, reads for itself like one that is answered. */
const MOST_AGE_MS = 10_000;
const MOST_KEPT = 1_000;

const requests = new AsyncLocalStorage<OpenRequest>();
let writtenAt = 0;

/**
 * Runs `work`, and all that it starts, as the answer to a request that came just now.
 * @returns what ends the request; what it has left behind reads for itself from then on
 */
export const asRequest = (work: () => void): (() => void) => {
  const request = { since: performance.now(), isOpen: true };
  requests.run(request, work);
  return () => (request.isOpen = false);
};

/** To be called when this process has written what `isFresh` is asked about. */
export const noteWrite = (): void => {
  writtenAt = performance.now();
};

/**
 * To be called by a request that has read something past these reads, and expects to find behind it what it has seen: from
 * here on only what is read later counts as fresh.
 */
export const readAnew = (): void => {
  const request = requests.getStore();
  if (request) request.since = performance.now();
};

/**
 * Whether a read that began at `readAt` (`performance.now()`) need not be repeated: it saw everything that was written
 * before the request came that is being answered (or called `readAnew`), and everything that this process wrote. Outside of
 * a request never.
 */
export const isFresh = (readAt: number): boolean => {
  const request = requests.getStore();
  if (!request?.isOpen || performance.now() - request.since > MOST_AGE_MS) return false;
  return readAt > Math.max(request.since, writtenAt);
};

/** What many parts of one request ask for, read once for all of them, and once for requests that came before the read. */
export class FreshReads<T> {
  private readonly kept = new LRUCache<string, { readonly readAt: number; readonly value: Promise<T> }>({
    max: MOST_KEPT,
  });

  get(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.kept.get(key);
    if (known && isFresh(known.readAt)) return known.value;
    const entry = { readAt: performance.now(), value: read() };
    this.kept.set(key, entry);
    entry.value.catch(() => {
      if (this.kept.peek(key) === entry) this.kept.delete(key);
    });
    return entry.value;
  }
}
