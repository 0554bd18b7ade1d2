import { invalidFile } from '../file-errors.js';
import { parseReportTime } from '../report-values.js';

export interface HistoryRow {
  readonly name: string;
  readonly cycle: string;
  readonly isFailed: boolean;
  /** In the unit of the file. */
  readonly duration?: number;
  readonly startedAt?: string;
  readonly buildId?: string;
}

const COLUMNS = ['name', 'verdict', 'duration', 'lastrun', 'cycle', 'buildid'] as const;
type Column = (typeof COLUMNS)[number];

/** Where each column stands, by the names in the header: files differ in which columns they have and in which order. */
export class HistoryColumns {
  private readonly at: ReadonlyMap<Column, number>;

  /** @throws DomainError `invalid_file` when Name or Verdict is missing */
  constructor(
    private readonly fileName: string,
    header: readonly string[],
  ) {
    const names = header.map((name) => name.trim().toLowerCase());
    this.at = new Map(COLUMNS.map((column) => [column, names.indexOf(column)] as const).filter(([, at]) => at >= 0));
    for (const column of ['name', 'verdict'] as const)
      if (!this.at.has(column)) throw invalidFile(fileName, `the header has no column ${column}`, { line: 1 });
  }

  /** @throws DomainError `invalid_file` with the line */
  read(record: readonly string[], line: number): HistoryRow {
    const cell = (column: Column): string => record[this.at.get(column) ?? -1]?.trim() ?? '';
    const fail = (column: Column, rule: string): Error =>
      invalidFile(this.fileName, `${column} "${cell(column).slice(0, 40).toWellFormed()}" ${rule}`, { line });
    const [name, verdict, cycle, buildId] = [cell('name'), cell('verdict'), cell('cycle'), cell('buildid')];
    if (name === '') throw fail('name', 'is empty');
    if (verdict !== '0' && verdict !== '1') throw fail('verdict', 'must be 0 (passed) or 1 (failed)');
    const duration = cell('duration') === '' ? undefined : Number(cell('duration'));
    if (duration !== undefined && !(duration >= 0 && Number.isFinite(duration)))
      throw fail('duration', 'must be a number from 0');
    const startedAt = parseReportTime(cell('lastrun'));
    if (startedAt === undefined && cell('lastrun') !== '')
      throw fail('lastrun', 'must be a time such as 2015-02-13 16:13:00');
    return {
      name,
      cycle,
      isFailed: verdict === '1',
      ...(duration !== undefined && { duration }),
      ...(startedAt !== undefined && { startedAt }),
      ...(buildId !== '' && { buildId }),
    };
  }
}
