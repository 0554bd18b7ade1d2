const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

interface Pause {
  readonly version: number;
  readonly lengthMs: number;
  readonly until: number;
}

/**
 * Days that could not be sealed, and when each is tried again: after a pause that doubles. Another version of a day is
 * another day. Kept by the process only: after a restart each is tried once more.
 */
export class SealPauses {
  private readonly pauses = new Map<string, Pause>();

  isDue(id: string, version: number, now: number): boolean {
    const pause = this.at(id, version);
    return !pause || now >= pause.until;
  }

  /** It may go better later. */
  prolong(id: string, version: number, now: number): void {
    const before = this.at(id, version)?.lengthMs;
    const lengthMs = before === undefined ? FIRST_MS : Math.min(before * 2, LONGEST_MS);
    this.pauses.set(id, { version, lengthMs, until: now + lengthMs });
  }

  /** It will not go better before the day changes. */
  untilChanged(id: string, version: number): void {
    this.pauses.set(id, { version, lengthMs: LONGEST_MS, until: Number.POSITIVE_INFINITY });
  }

  /** Forgets the days that are not among these any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.pauses.keys()) if (!ids.has(id)) this.pauses.delete(id);
  }

  private at(id: string, version: number): Pause | undefined {
    const pause = this.pauses.get(id);
    return pause?.version === version ? pause : undefined;
  }
}
