import { setImmediate } from 'node:timers/promises';

/** Lets other requests run between slices of CPU work: `await slice.pause()` costs nothing until 5 ms have gone by. */
export class Slices {
  private since = performance.now();

  constructor(private readonly budgetMs = 5) {}

  async pause(): Promise<void> {
    if (performance.now() - this.since < this.budgetMs) return;
    await setImmediate();
    this.since = performance.now();
  }
}
