import { invalid } from '../../common/index.js';

/** Counts the attempts that an answer reads. */
export class RowTally {
  private rows = 0;

  constructor(private readonly most: number) {}

  /** @throws DomainError 422 `query_too_broad` */
  add(rows: number): void {
    this.rows += rows;
    if (this.rows > this.most)
      throw invalid('query_too_broad', `More than ${this.most} attempts would have to be read one by one`, [
        { pointer: '/filter', detail: 'ask for a shorter range or fewer projects' },
      ]);
  }
}
