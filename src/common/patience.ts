/** A stop of this process costs one of so many parts of its patience. */
const PARTS = 10;

/**
 * Waits for an answer from outside, but no longer than that. What counts is time in which this process could have read the
 * answer: one that stood still (a busy event loop, a machine that was paused) finds its timers due before it has looked at
 * its sockets. So the time is taken in small parts, each of which is due once at most, and it looks once more at the end.
 * @throws what `giveUp` makes
 */
export const withPatience = async <T>(
  work: Promise<T>,
  ms: number,
  giveUp = (): Error => new Error(`no answer within ${ms} ms`),
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const wait = (parts: number): void => {
      timer = setTimeout(() => (parts > 1 ? wait(parts - 1) : setImmediate(() => reject(giveUp()))), ms / PARTS);
    };
    wait(PARTS);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
};
