import { hash } from 'node:crypto';
import { LIMITS } from '../domain/limits.js';

const MOST_WARNINGS = 20;

/** What a reader had to change, each kind once, with a count. */
export class Warnings {
  private readonly counts = new Map<string, number>();

  add(warning: string): void {
    const count = this.counts.get(warning);
    if (count !== undefined || this.counts.size < MOST_WARNINGS) this.counts.set(warning, (count ?? 0) + 1);
  }

  list(): string[] {
    return [...this.counts].map(([warning, count]) => (count > 1 ? `${warning} (${count} times)` : warning));
  }
}

/** Brings the texts of a file into the limits, since a file is not turned down for a long name. */
export class TidyText {
  constructor(private readonly warnings: Warnings) {}

  /** Without NUL and half surrogate pairs, trimmed; undefined when nothing is left. What is longer than `max` is cut. */
  text(value: string | undefined, max: number, what: string): string | undefined {
    const clean = this.storable(value)?.trim();
    if (!clean) return undefined;
    if (clean.length <= max) return clean;
    this.warnings.add(`${what} longer than ${max} characters was cut`);
    return clean.slice(0, max).toWellFormed();
  }

  /** As `text`; two long names that differ stay different, since the name is the identity of the test. */
  identity(value: string | undefined, max: number, what: string): string | undefined {
    const clean = this.storable(value)?.trim();
    if (!clean || clean.length <= max) return clean || undefined;
    const print = hash('sha256', clean, 'hex').slice(0, 12);
    return `${this.text(clean, max - print.length - 2, what) ?? ''}… ${print}`;
  }

  /** A stack trace: its indentation is kept, its end is cut, with a note. */
  stack(value: string | undefined): string | undefined {
    const clean = this.storable(value)
      ?.trimEnd()
      .replace(/^\s*\n/, '');
    if (!clean || clean.length <= LIMITS.stack) return clean || undefined;
    this.warnings.add(`stack longer than ${LIMITS.stack} characters was cut`);
    const note = `\n… cut at ${LIMITS.stack} characters`;
    return clean.slice(0, LIMITS.stack - note.length).toWellFormed() + note;
  }

  private storable(value: string | undefined): string | undefined {
    return value?.replaceAll('\0', '').toWellFormed();
  }
}
