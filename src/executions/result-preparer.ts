import { Injectable } from '@nestjs/common';
import { type DomainError, invalid, Slices } from '../common/index.js';
import { LIMITS } from './domain/limits.js';
import type { ResultInput, Run } from './domain/model.js';
import { type AttemptNumbers, prepareResult, type PreparedResult } from './domain/prepare-results.js';
import { TestNumbers } from './persistence/test-numbers.js';

/** A valid row, and its place in the request. */
export interface BatchRow {
  readonly index: number;
  readonly result: ResultInput;
}

const SLICE = 200;

/** Makes rows ready to be stored: whose test they are of, which attempt, what they hash to. */
@Injectable()
export class ResultPreparer {
  constructor(private readonly tests: TestNumbers) {}

  /** @param numbers counts the attempts of one request or file */
  async prepare(run: Run, rows: readonly BatchRow[], numbers: AttemptNumbers): Promise<PreparedResult[]> {
    const tests = await this.tests.resolve(
      run,
      rows.map(({ result }) => result),
    );
    const prepared: PreparedResult[] = [];
    const slices = new Slices();
    for (let from = 0; from < rows.length; from += SLICE) {
      rows.slice(from, from + SLICE).forEach(({ index, result }, offset) => {
        const test = tests[from + offset]!;
        const attempt = numbers.next(test.testId, result.attempt);
        if (attempt > LIMITS.attempt) throw tooManyAttempts(index);
        prepared.push(prepareResult({ index, result, test, attempt }, run, run.generation));
      });
      await slices.pause();
    }
    return prepared;
  }
}

const tooManyAttempts = (index: number): DomainError =>
  invalid('too_many_attempts', `A test has at most ${LIMITS.attempt} attempts in a run`, [
    { pointer: `/results/${index}`, detail: 'is one attempt too many of its test' },
  ]);
