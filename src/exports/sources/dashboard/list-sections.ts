import type { Plain } from '../../../common/index.js';
import type {
  AlertStatusDataDto,
  FailureAnalysisDataDto,
  LiveRunDataDto,
  PassRateByDataDto,
  RecentExecutionsDataDto,
  RunComparisonDataDto,
  SuiteTableDataDto,
  TestListDataDto,
} from '../../../dashboards/index.js';
import { figureText } from '../../domain/figure-text.js';
import type { SummaryTable } from '../../domain/summary.js';
import { CELL_COLUMNS, cellTexts } from '../report-summary.js';
import { drawing, numberColumn, projectNamer, testText, textColumn, timeText, wideColumn } from './section.js';

const NONE = '(none)';
const LONGEST = 300;

export const suiteTable = drawing<SuiteTableDataDto>(({ rows, total }) => ({
  tables: [
    {
      title: '',
      columns: [wideColumn('Suite'), ...CELL_COLUMNS],
      rows: rows.map((row) => [projectNamer(rows)(row, row.suite ?? NONE), ...cellTexts(row.cell)]),
      ...(total > rows.length ? { note: `${rows.length} of ${total} suites` } : {}),
    },
  ],
}));

export const passRateBy = drawing<PassRateByDataDto>(({ dimension, rows, total }) => ({
  tables: [
    {
      title: '',
      columns: [wideColumn(dimension.charAt(0).toUpperCase() + dimension.slice(1)), ...CELL_COLUMNS],
      rows: rows.map(({ group, cell }) => [group ?? NONE, ...cellTexts(cell)]),
      ...(total > rows.length ? { note: `${rows.length} of ${total}` } : {}),
    },
  ],
}));

export const testList = drawing<TestListDataDto>(({ items, total }) => ({
  tables: [
    {
      title: '',
      columns: [
        ...[wideColumn('Test'), textColumn('Label'), numberColumn('Flakiness'), numberColumn('Failures')],
        ...[numberColumn('Runs'), numberColumn('Median')],
      ],
      rows: items.map((test) => [
        projectNamer(items)(test, testText(test)),
        test.label,
        figureText(test.flakiness.score, 'ratio'),
        figureText(test.failures, 'count'),
        figureText(test.runs, 'count'),
        figureText(test.durationMs.median, 'ms'),
      ]),
      ...(total > items.length ? { note: `${items.length} of ${total} tests` } : {}),
    },
  ],
}));

export const failureAnalysis = drawing<FailureAnalysisDataDto>(({ counts, items, total }) => ({
  texts: [`${counts.new} new, ${counts.known} known, ${counts.resolved} resolved`],
  tables: [
    {
      title: '',
      columns: [wideColumn('Failure'), textColumn('State'), numberColumn('Failures'), numberColumn('Tests')],
      rows: items.map(({ example, fingerprint, state, failures, testCount }) => [
        ([example?.type, example?.message].filter(Boolean).join(': ') || fingerprint).slice(0, LONGEST),
        state,
        figureText(failures, 'count'),
        figureText(testCount, 'count'),
      ]),
      ...(total > items.length ? { note: `${items.length} of ${total} clusters` } : {}),
    },
  ],
}));

export const alertStatus = drawing<AlertStatusDataDto>(({ status: { overall, items, nextCursor } }, timeZone) => ({
  texts: [`Overall: ${overall}`],
  tables: [
    {
      title: '',
      columns: [
        ...[wideColumn('Rule'), textColumn('Group'), textColumn('State'), textColumn('Severity')],
        ...[textColumn('Since'), numberColumn('Value')],
      ],
      rows: items.map(({ ruleName, groupText, state, severity, since, value }) => [
        ...[ruleName, groupText, state, severity, timeText(since, timeZone), figureText(value, 'number')],
      ]),
      ...(nextCursor === null ? {} : { note: 'There are more alerts.' }),
    },
  ],
}));

type RunView = Plain<RecentExecutionsDataDto>['items'][number];

const runsTable = (runs: readonly RunView[], timeZone: string): SummaryTable => ({
  title: '',
  columns: [
    ...[wideColumn('Run'), textColumn('Branch'), textColumn('Started'), textColumn('Status')],
    ...[numberColumn('Executions'), numberColumn('Failures'), numberColumn('Pass rate'), numberColumn('Duration')],
  ],
  rows: runs.map(({ name, runId, branch, startedAt, status, counts, passRate, durationMs }) => [
    ...[name ?? runId, branch ?? '', timeText(startedAt, timeZone), status],
    figureText(counts.executions, 'count'),
    figureText(counts.failed + counts.broken + counts.timeout, 'count'),
    figureText(passRate.value, 'ratio'),
    figureText(durationMs, 'ms'),
  ]),
});

export const recentExecutions = drawing<RecentExecutionsDataDto>(({ items }, timeZone) => ({
  tables: [runsTable(items, timeZone)],
}));

export const liveRun = drawing<LiveRunDataDto>(({ run, progress }, timeZone) => ({
  texts: progress?.share ? [`${figureText(progress.share, 'ratio')} done`] : [],
  tables: [runsTable(run ? [run] : [], timeZone)],
}));

const CHANGES: Readonly<Record<string, string>> = {
  newlyFailing: 'newly failing',
  stillFailing: 'still failing',
  fixed: 'fixed',
  slower: 'slower',
};

export const runComparison = drawing<RunComparisonDataDto>(({ base, head, counts, tests }) => {
  if (!base || !head || !counts) return { texts: ['There are no two runs to compare.'] };
  return {
    texts: [`${head.name ?? head.runId} against ${base.name ?? base.runId}`],
    figures: [
      { label: 'Newly failing', value: figureText(counts.newlyFailing, 'count') },
      { label: 'Still failing', value: figureText(counts.stillFailing, 'count') },
      { label: 'Fixed', value: figureText(counts.fixed, 'count') },
      { label: 'Slower', value: figureText(counts.slower, 'count') },
      { label: 'Added', value: figureText(counts.added, 'count') },
      { label: 'Removed', value: figureText(counts.removed, 'count') },
    ],
    tables: [
      {
        title: '',
        columns: [textColumn('Change'), wideColumn('Test')],
        rows: tests.map(({ change, suite, name }) => [CHANGES[change] ?? change, testText({ suite, name })]),
      },
    ],
  };
});
