import { Slices, type Scope } from '../../common/index.js';

/**
 * The questions of one round of evaluations at one moment, each asked once: a thousand rules over the same filter and
 * window cost one query.
 */
export class EvaluationRound {
  readonly slices = new Slices();
  private readonly answers = new Map<string, Promise<unknown>>();

  constructor(
    readonly scope: Scope,
    /** The moment that all its rules are evaluated at. */
    readonly at: Date,
  ) {}

  /** The answer to a question, asked the first time only; a failure is the answer to everybody who asks. */
  once<T>(question: readonly unknown[], ask: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(question);
    const known = this.answers.get(key);
    if (known) return known as Promise<T>;
    const answer = ask();
    this.answers.set(key, answer);
    return answer;
  }
}
