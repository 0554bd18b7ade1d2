import type {
  ChangePointsDataDto,
  CustomDataDto,
  DurationDistributionDataDto,
  ForecastDataDto,
  QualityHeatmapDataDto,
  TestGrowthDataDto,
  TrendChartDataDto,
} from '../../../dashboards/index.js';
import type { Plain } from '../../../common/index.js';
import { figureText } from '../../domain/figure-text.js';
import type { Chart, SummaryTable } from '../../domain/summary.js';
import { chartOf, figureOf, unitOf } from '../trend-summary.js';
import { drawing, numberColumn, textColumn, timeText, wideColumn } from './section.js';

const NONE = '(none)';
const DAY = 'dd MMM yy';
/** Newest periods of a heatmap for which a page is wide enough. */
const COLUMNS = 6;

export const trendChart = drawing<TrendChartDataDto>(({ series }, timeZone) => ({
  figures: series.map(figureOf),
  charts: series.map((each) => chartOf(each, timeZone)),
  texts: series.map(({ title, direction }) => `${title}: ${direction.replaceAll('_', ' ')}.`),
}));

export const forecast = drawing<ForecastDataDto>(({ metric, points, forecast: ahead }, timeZone) => {
  const blank = (n: number): null[] => Array.from({ length: n }, () => null);
  return {
    texts: ahead.points.length === 0 ? [`No forecast: ${ahead.reason ?? 'too little data'}.`] : [],
    charts: [
      {
        ...{ kind: 'line', title: '', unit: unitOf(metric) },
        labels: [...points, ...ahead.points].map(({ at }) => timeText(at, timeZone, DAY)),
        series: [
          { name: metric.title, values: [...points.map(({ value }) => value), ...blank(ahead.points.length)] },
          { name: 'Forecast', values: [...blank(points.length), ...ahead.points.map(({ value }) => value)] },
        ],
      },
    ],
  };
});

export const changePoints = drawing<ChangePointsDataDto>(({ items, insufficientData }, timeZone) => ({
  tables: [
    {
      title: '',
      columns: [
        ...[textColumn('From'), wideColumn('Metric'), numberColumn('Before'), numberColumn('After')],
        textColumn('Direction'),
      ],
      rows: items.map(({ at, metric, before, after, direction }) => [
        timeText(at, timeZone),
        metric.title,
        figureText(before, unitOf(metric)),
        figureText(after, unitOf(metric)),
        direction,
      ]),
    },
  ],
  texts: insufficientData.map(({ metric, reason }) => `${metric}: ${reason}.`),
}));

export const testGrowth = drawing<TestGrowthDataDto>(({ series }, timeZone) => ({
  charts: [
    {
      ...{ kind: 'line', title: '', unit: 'count' },
      labels: (series[0]?.points ?? []).map(({ at }) => timeText(at, timeZone, DAY)),
      series: series.map(({ metric, points }) => ({ name: metric.title, values: points.map(({ value }) => value) })),
    },
  ],
}));

export const durationDistribution = drawing<DurationDistributionDataDto>(({ bars, durationMs }) => ({
  figures: [
    { label: 'Median', value: figureText(durationMs.p50, 'ms') },
    { label: '95th percentile', value: figureText(durationMs.p95, 'ms') },
    { label: '99th percentile', value: figureText(durationMs.p99, 'ms') },
  ],
  charts:
    bars.length === 0
      ? []
      : [
          {
            ...{ kind: 'bar', title: '', unit: 'count' },
            bars: bars.map(({ toMs, n }) => ({ name: `up to ${figureText(toMs, 'ms')}`, value: n })),
          },
        ],
}));

export const heatmap = drawing<QualityHeatmapDataDto>(({ metric, dimension, columns, rows, total }, timeZone) => {
  const unit = unitOf(metric);
  const first = Math.max(0, columns.length - COLUMNS);
  const shown = columns.slice(first);
  return {
    tables: [
      {
        title: '',
        columns: [
          wideColumn(dimension.charAt(0).toUpperCase() + dimension.slice(1)),
          numberColumn(metric.title),
          ...shown.map(({ from }) => numberColumn(timeText(from, timeZone, 'dd MMM'))),
        ],
        rows: rows.map(({ group, overall, cells }) => [
          ...[group ?? NONE, figureText(overall.value, unit)],
          ...cells.slice(first).map((cell) => figureText(cell?.value, unit)),
        ]),
        note: `${rows.length} of ${total} rows, the newest ${shown.length} of ${columns.length} periods`,
      },
    ],
  };
});

type CustomData = Plain<CustomDataDto>;

/** A series over time is a chart; what has groups, or no time, a table. */
export const custom = drawing<CustomDataDto>((data, timeZone) =>
  data.buckets.length > 1 && data.rows.every(({ group }) => group === undefined)
    ? { charts: customCharts(data, timeZone) }
    : { tables: [customTable(data, timeZone)] },
);

const customCharts = ({ metrics, buckets, rows }: CustomData, timeZone: string): Chart[] =>
  metrics.map((metric, i): Chart => {
    const byBucket = new Map(rows.map(({ bucket, figures }) => [bucket ?? 0, figures[i]?.value ?? null]));
    return {
      ...{ kind: 'line', title: metric.title, unit: unitOf(metric) },
      labels: buckets.map(({ from }) => timeText(from, timeZone, DAY)),
      series: [{ name: metric.title, values: buckets.map((_, bucket) => byBucket.get(bucket) ?? null) }],
    };
  });

const customTable = ({ metrics, buckets, rows, groups }: CustomData, timeZone: string): SummaryTable => {
  const hasTime = buckets.length > 0;
  const hasGroups = rows.some(({ group }) => group !== undefined);
  return {
    title: '',
    columns: [
      ...(hasTime ? [textColumn('From')] : []),
      ...(hasGroups ? [wideColumn('Group')] : []),
      ...metrics.map(({ title }) => numberColumn(title)),
    ],
    rows: rows.map(({ bucket, group, label, figures }) => {
      const from = buckets[bucket ?? 0]?.from;
      return [
        ...(hasTime ? [from === undefined ? '' : timeText(from, timeZone, DAY)] : []),
        ...(hasGroups ? [label ?? group ?? NONE] : []),
        ...figures.map(({ value }, i) => figureText(value, unitOf(metrics[i]!))),
      ];
    }),
    ...(hasGroups ? { note: `${groups} groups in all` } : {}),
  };
};
