import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { asRequest, FreshReads, isFresh, noteWrite, readAnew } from './fresh-reads.js';

/** A source that counts how often it is read. */
const counter = () => {
  let reads = 0;
  const fresh = new FreshReads<number>();
  return { ask: () => fresh.get('key', () => Promise.resolve(++reads)) };
};

const inRequest = <T>(work: (end: () => void) => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const end: () => void = asRequest(
      () =>
        void Promise.resolve()
          .then(() => work(() => end()))
          .then(resolve, reject),
    );
  });

describe('reads within requests', () => {
  /** What `performance.now()` says: a little more each time, whatever the machine does meanwhile. */
  let now = 0;
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 0.01));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('are made once a request, and anew for the next one', async () => {
    const { ask } = counter();
    expect(await inRequest(async () => [await ask(), await ask(), ...(await Promise.all([ask(), ask()]))])).toEqual([
      1, 1, 1, 1,
    ]);
    expect(await inRequest(ask)).toBe(2);
  });

  it('are shared with a request that came before they began, not with one that came after', async () => {
    const { ask } = counter();
    let began = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (began = resolve));
    const early = inRequest(async () => {
      await hasBegun;
      return ask();
    });
    expect(await inRequest(ask)).toBe(1);
    began();
    expect(await early).toBe(1);
    expect(await inRequest(ask)).toBe(2);
  });

  it('are repeated after a write of this process, also within one request', async () => {
    const { ask } = counter();
    await inRequest(async () => {
      expect(await ask()).toBe(1);
      noteWrite();
      expect(await ask()).toBe(2);
      expect(await ask()).toBe(2);
    });
  });

  it('are repeated for a request that wants to know what has come since', async () => {
    const { ask } = counter();
    await inRequest(async () => {
      expect(await ask()).toBe(1);
      readAnew();
      expect([await ask(), await ask()]).toEqual([2, 2]);
    });
  });

  it('are each made where no request is answered, or where it is answered already', async () => {
    const { ask } = counter();
    expect([await ask(), await ask()]).toEqual([1, 2]);
    await inRequest(async (end) => {
      expect([await ask(), await ask()]).toEqual([3, 3]);
      expect(isFresh(performance.now())).toBe(true);
      end();
      expect(isFresh(performance.now())).toBe(false);
      expect([await ask(), await ask()]).toEqual([4, 5]);
    });
  });

  it('are each made in a request that nobody has ended for ten seconds', async () => {
    const { ask } = counter();
    await inRequest(async () => {
      expect(await ask()).toBe(1);
      now += 9_000;
      noteWrite();
      now += 500;
      expect([await ask(), await ask()]).toEqual([2, 2]);
      now += 1_000;
      expect([await ask(), await ask()]).toEqual([3, 4]);
    });
  });

  it('that fail are not kept', async () => {
    const fresh = new FreshReads<string>();
    await inRequest(async () => {
      await expect(fresh.get('key', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
      expect(await fresh.get('key', () => Promise.resolve('back'))).toBe('back');
    });
  });
});
