import { RESULT_STATUSES } from '../../executions/index.js';
import { NONE } from '../../metrics/index.js';
import type { ReportBody, ReportHead, ReportRow } from '../../reports/index.js';
import { figureText, keyFigure } from '../domain/figure-text.js';
import { STATUS_COLOURS } from '../domain/status-colours.js';
import type { Chart, KeyFigure, Summary, SummaryTable } from '../domain/summary.js';

export type Figures = Omit<ReportRow['cell'], 'href'>;

const MOST_BARS = 12;
const MOST_ROWS = 60;

export const failuresOf = ({ failed, broken, timeout }: Figures): number => failed + broken + timeout;

const titleOf = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replaceAll('_', ' ');

const figuresOf = ({ totals, previous }: ReportBody): KeyFigure[] => {
  const before = previous?.totals;
  return [
    keyFigure('Pass rate', 'ratio', totals.passRate.value, before?.passRate.value ?? null, 'up'),
    keyFigure('Executions', 'count', totals.executions, before?.executions ?? null, 'none'),
    keyFigure('Failures', 'count', failuresOf(totals), before ? failuresOf(before) : null, 'down'),
    keyFigure('Flaky in run', 'count', totals.flaky, before?.flaky ?? null, 'down'),
    keyFigure('Average duration', 'ms', totals.durationMs.average, before?.durationMs.average ?? null, 'down'),
    keyFigure('95th percentile', 'ms', totals.durationMs.p95, before?.durationMs.p95 ?? null, 'down'),
  ];
};

const nameOf = ({ group = {}, labels = {} }: ReportRow): string =>
  Object.entries(group)
    .map(([dimension, value]) => labels[dimension] ?? value ?? NONE)
    .join(' · ');

const overTime = (rows: readonly ReportRow[], label: (at: string) => string): Chart[] => {
  const byBucket = rows.filter(({ group, bucket }) => bucket && group === undefined);
  if (byBucket.length < 2) return [];
  return [
    {
      kind: 'line',
      title: 'Pass rate over time',
      unit: 'ratio',
      labels: byBucket.map(({ bucket }) => label(bucket!.from)),
      series: [{ name: 'Pass rate', values: byBucket.map(({ cell }) => cell.passRate.value) }],
    },
  ];
};

const byGroup = (rows: readonly ReportRow[]): Chart[] => {
  const worst = rows
    .filter(({ group, bucket, cell }) => group && !bucket && failuresOf(cell) > 0)
    .sort((a, b) => failuresOf(b.cell) - failuresOf(a.cell))
    .slice(0, MOST_BARS);
  if (worst.length < 2) return [];
  const bars = worst.map((row) => ({ name: nameOf(row), value: failuresOf(row.cell) }));
  return [{ kind: 'bar', title: 'Most failures', unit: 'count', bars }];
};

/** None where nothing was executed. */
export const statusPie = (totals: Figures, title = 'Outcomes by status'): Chart[] => {
  const parts = RESULT_STATUSES.flatMap((status) =>
    totals[status] > 0 ? [{ name: status, value: totals[status], colour: STATUS_COLOURS[status] }] : [],
  );
  return parts.length === 0 ? [] : [{ kind: 'pie', title, parts }];
};

/** Columns of what `cellTexts` gives. */
export const CELL_COLUMNS = ['Executions', 'Failures', 'Flaky', 'Pass rate', 'Average', '95th pct.'].map((title) => ({
  title,
  isNumber: true,
}));

export const cellTexts = (cell: Figures): string[] => [
  figureText(cell.executions, 'count'),
  figureText(failuresOf(cell), 'count'),
  figureText(cell.flaky, 'count'),
  figureText(cell.passRate.value, 'ratio'),
  figureText(cell.durationMs.average, 'ms'),
  figureText(cell.durationMs.p95, 'ms'),
];

const rowsTable = (rows: readonly ReportRow[], label: (at: string) => string): SummaryTable[] => {
  if (rows.length === 0) return [];
  const left = rows.length - MOST_ROWS;
  return [
    {
      title: 'Figures',
      columns: [{ title: 'Group', isNumber: false, wide: true }, ...CELL_COLUMNS],
      rows: rows
        .slice(0, MOST_ROWS)
        .map((row) => [
          [row.bucket ? label(row.bucket.from) : '', nameOf(row)].filter(Boolean).join(' · '),
          ...cellTexts(row.cell),
        ]),
      ...(left > 0 ? { note: `${left} more rows are in the CSV of the same report.` } : {}),
    },
  ];
};

type Tests = NonNullable<ReportBody['failingTests']>;

const testsTable = (title: string, tests: Tests | undefined): SummaryTable[] =>
  !tests || tests.length === 0
    ? []
    : [
        {
          title,
          columns: [{ title: 'Test', isNumber: false, wide: true }, ...CELL_COLUMNS],
          rows: tests.map(({ name, suite, cell }) => [
            suite === null ? name : `${suite} · ${name}`,
            ...cellTexts(cell),
          ]),
        },
      ];

const clustersTable = ({ failureClusters = [] }: ReportBody): SummaryTable[] =>
  failureClusters.length === 0
    ? []
    : [
        {
          title: 'Failures of one cause',
          columns: [
            { title: 'Example', isNumber: false, wide: true },
            { title: 'Outcomes', isNumber: true },
            { title: 'Tests', isNumber: true },
            { title: 'New', isNumber: false },
          ],
          rows: failureClusters.map(({ example, size, tests, isNew }) => [
            [example.type, example.message ?? example.testName].filter(Boolean).join(': ').slice(0, 300),
            figureText(size, 'count'),
            figureText(tests, 'count'),
            isNew ? 'new' : '',
          ]),
        },
      ];

/** A report as people are handed it. @param label how the begin of a bucket reads */
export const reportSummary = (head: ReportHead, body: ReportBody, label: (at: string) => string): Summary => ({
  title: head.name ?? `${titleOf(head.type)} report`.replace(/report report$/, 'report'),
  figures: figuresOf(body),
  charts: [...overTime(body.rows, label), ...byGroup(body.rows), ...statusPie(body.totals)],
  findings: [],
  tables: [
    ...rowsTable(body.rows, label),
    ...testsTable('Failing tests', body.failingTests),
    ...testsTable('Slowest tests', body.slowestTests),
    ...clustersTable(body),
  ],
  asOf: head.asOf,
  withRows: false,
  href: `/api/v1/execution-reporting/reports/${head.reportId}`,
});
