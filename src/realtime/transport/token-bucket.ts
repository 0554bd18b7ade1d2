/** So many at once, and so many more each second. */
export class TokenBucket {
  private left: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private since: number,
  ) {
    this.left = burst;
  }

  /** @returns false when there is none left */
  take(now: number): boolean {
    this.left = Math.min(this.burst, this.left + (Math.max(0, now - this.since) / 1000) * this.perSecond);
    this.since = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
