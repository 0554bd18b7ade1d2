import { LIMITS } from '../../domain/limits.js';
import { isMapKey } from '../../http/dto/row-decorators.js';
import type { TidyText } from '../tidy-text.js';

/** What JVMs and build tools dump there by themselves: a hundred of them tell nothing of the run. */
const DUMPED =
  /^(?:java|javax|sun|jdk|os|user|file|path|line|native|awt|surefire|maven|failsafe|gradle|org\.gradle|env|basedir|localRepository|socks|http|https|ftp)(?:\.|$)/i;
/** A report should not carry them; if it does, they are not kept. */
const SECRET = /passw|secret|token|credential|api[-_.]?key|private[-_.]?key/i;

/** Attributes of a run from the <property> elements of its suites; the first of a name wins. */
export class RunProperties {
  private readonly kept = new Map<string, string>();

  constructor(private readonly tidy: TidyText) {}

  add(name: string, value: string): void {
    const key = name.trim();
    const isWanted = isMapKey(key) && !DUMPED.test(key) && !SECRET.test(key);
    if (!isWanted || this.kept.has(key) || this.kept.size >= LIMITS.parameters) return;
    const text = this.tidy.text(value, LIMITS.mapValue, 'property');
    if (text !== undefined) this.kept.set(key, text);
  }

  attributes(): Record<string, string> | undefined {
    return this.kept.size === 0 ? undefined : Object.fromEntries(this.kept);
  }
}
