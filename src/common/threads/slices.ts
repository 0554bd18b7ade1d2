/** Of CPU work between two looks at the event loop; what all computations of the process take together. */
const BUDGET_MS = 3;
/** So much of its waiting counts against what a computation has used already, so that none waits for ever. */
const AGING = 1;

interface Waiting {
  readonly usedMs: number;
  readonly since: number;
  readonly resume: () => void;
}

/**
 * Shares the event loop among the computations of the process: in each of its turns they get one budget together, however
 * many there are, so that a request that only asks the database never waits for more than that. Of those that wait, the
 * one that has used the least goes first (least attained service): short answers do not queue behind long ones.
 */
class Turns {
  /** Counts up with each turn in which something was computed. */
  current = 0;
  private readonly waiting: Waiting[] = [];
  private began = 0;
  private hasBegun = false;

  /** Whether this turn has time left at `now`. */
  hasTime(now: number): boolean {
    this.begin(now);
    return now - this.began < BUDGET_MS;
  }

  wait(usedMs: number, since: number): Promise<void> {
    return new Promise((resume) => this.waiting.push({ usedMs, since, resume }));
  }

  private begin(now: number): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.began = now;
    setImmediate(() => this.next());
  }

  private next(): void {
    const now = performance.now();
    this.current++;
    this.hasBegun = false;
    if (this.waiting.length === 0) return;
    this.begin(now);
    const rank = ({ usedMs, since }: Waiting): number => usedMs - AGING * (now - since);
    const first = this.waiting.reduce((best, one) => (rank(one) < rank(best) ? one : best));
    this.waiting.splice(this.waiting.indexOf(first), 1);
    first.resume();
  }
}

const turns = new Turns();

/** One computation: `await slices.pause()` costs nothing until the turn of the event loop has lasted 3 ms. */
export class Slices {
  private usedMs = 0;
  private last = performance.now();
  private turn = turns.current;

  async pause(): Promise<void> {
    const now = performance.now();
    // since another turn it has waited for something else, the database for one
    if (this.turn === turns.current) this.usedMs += now - this.last;
    if (!turns.hasTime(now)) await turns.wait(this.usedMs, now);
    this.last = performance.now();
    this.turn = turns.current;
  }
}
