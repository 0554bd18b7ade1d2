import { DomainError } from '../common/index.js';

interface Waiter {
  readonly key: string;
  readonly go: () => void;
}

/** A few at a time, and of each key one, so that nobody takes all the places. Those who wait go in the order they came. */
export class Turns {
  private readonly taken = new Set<string>();
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly places: number,
    private readonly patienceMs: number,
  ) {}

  /**
   * @returns how to give the place back
   * @throws DomainError 503 `import_busy` when none came free in time
   */
  async take(key: string): Promise<() => void> {
    if (this.isFree(key)) this.taken.add(key);
    else await this.wait(key);
    return () => this.giveBack(key);
  }

  private isFree(key: string): boolean {
    return this.taken.size < this.places && !this.taken.has(key);
  }

  private wait(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        this.waiting.delete(waiter);
        reject(busy());
      }, this.patienceMs);
      const waiter: Waiter = {
        key,
        go: () => {
          clearTimeout(giveUp);
          resolve();
        },
      };
      this.waiting.add(waiter);
    });
  }

  private giveBack(key: string): void {
    this.taken.delete(key);
    for (const waiter of this.waiting) {
      if (!this.isFree(waiter.key)) continue;
      this.waiting.delete(waiter);
      this.taken.add(waiter.key);
      waiter.go();
    }
  }
}

const busy = (): DomainError =>
  new DomainError('unavailable', 'import_busy', 'Other large imports are under way; send it again', {
    retryAfterSeconds: 10,
  });
