const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** Waits longer each time, and never two clients alike. */
export class Backoff {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;

  run(work: () => void, atLeastMs = 0): void {
    this.cancel();
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.tries++);
    this.timer = setTimeout(work, Math.max(atLeastMs, wait * (0.5 + Math.random() / 2)));
  }

  cancel(): void {
    clearTimeout(this.timer);
  }

  reset(): void {
    this.tries = 0;
  }
}
