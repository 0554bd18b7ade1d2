import type {
  ExecutionSummaryDataDto,
  MetricNumberDataDto,
  MttrDataDto,
  PerformanceDataDto,
  QualityMetricsDataDto,
  StatusBreakdownDataDto,
  TextDataDto,
} from '../../../dashboards/index.js';
import { figureText, keyFigure } from '../../domain/figure-text.js';
import type { KeyFigure } from '../../domain/summary.js';
import { STATUS_COLOURS } from '../../domain/status-colours.js';
import { failuresOf, statusPie } from '../report-summary.js';
import { unitOf } from '../trend-summary.js';
import { drawing, timeText } from './section.js';

const HOUR_MS = 3_600_000;

const plain = (label: string, value: string): KeyFigure => ({ label, value });
const hours = (value: number | null): number | null => (value === null ? null : value * HOUR_MS);

export const executionSummary = drawing<ExecutionSummaryDataDto>(({ totals, previous, failureRate, flakyRate }) => ({
  figures: [
    keyFigure('Pass rate', 'ratio', totals.passRate.value, previous?.figure.value ?? null, 'up'),
    plain('Executions', figureText(totals.executions, 'count')),
    plain('Failures', `${figureText(failuresOf(totals), 'count')} (${figureText(failureRate.value, 'ratio')})`),
    plain('Flaky in run', `${figureText(totals.flaky, 'count')} (${figureText(flakyRate.value, 'ratio')})`),
    plain('Average duration', figureText(totals.durationMs.average, 'ms')),
    plain('95th percentile', figureText(totals.durationMs.p95, 'ms')),
  ],
  charts: statusPie(totals, ''),
}));

export const metricNumber = drawing<MetricNumberDataDto>(({ metric, figure, previous, sparkline = [] }, timeZone) => {
  const unit = unitOf(metric);
  const { low, high, n } = figure;
  const interval = low === null ? '' : `, 95 % interval ${figureText(low, unit)} to ${figureText(high, unit)}`;
  return {
    figures: [keyFigure(metric.title, unit, figure.value, previous?.figure.value ?? null, metric.goodDirection)],
    texts: [`n = ${figureText(n, 'count')}${interval}`],
    charts:
      sparkline.length < 2
        ? []
        : [
            {
              ...{ kind: 'line', title: '', unit },
              labels: sparkline.map(({ at }) => timeText(at, timeZone, 'dd MMM yy')),
              series: [{ name: metric.title, values: sparkline.map(({ value }) => value) }],
            },
          ],
  };
});

export const performance = drawing<PerformanceDataDto>(({ metric, figure, previous, durationMs, retryTimeMs }) => ({
  figures: [
    keyFigure(metric.title, unitOf(metric), figure.value, previous.figure.value, metric.goodDirection),
    plain('Average', figureText(durationMs.average, 'ms')),
    plain('Median', figureText(durationMs.p50, 'ms')),
    plain('95th percentile', figureText(durationMs.p95, 'ms')),
    plain('99th percentile', figureText(durationMs.p99, 'ms')),
    plain('Lost by retries', figureText(retryTimeMs, 'ms')),
  ],
}));

export const statusBreakdown = drawing<StatusBreakdownDataDto>(({ executions, slices }) => ({
  texts: [`${figureText(executions, 'count')} outcomes`],
  charts:
    executions === 0
      ? []
      : [
          {
            kind: 'pie',
            title: '',
            parts: slices.flatMap(({ status, share }) =>
              share.numerator > 0 ? [{ name: status, value: share.numerator, colour: STATUS_COLOURS[status] }] : [],
            ),
          },
        ],
}));

export const quality = drawing<QualityMetricsDataDto>((data) => {
  const { score, passRate, reliability, flakiness, stability, mttr, change } = data;
  const percent = reliability.value === null ? null : reliability.value / 100;
  const before = change.reliability.before === null ? null : change.reliability.before / 100;
  return {
    figures: [
      keyFigure('Quality score', 'number', score.value, change.score.before, 'up'),
      keyFigure('Pass rate', 'ratio', passRate.value, change.passRate.before, 'up'),
      keyFigure('Reliability', 'ratio', percent, before, 'up'),
      keyFigure('Flakiness', 'ratio', flakiness.value, change.flakiness.before, 'down'),
      keyFigure('Stability', 'ratio', stability.value, change.stability.before, 'up'),
      keyFigure('Time to recovery', 'ms', hours(mttr.meanHours), hours(change.mttrMeanHours.before), 'down'),
    ],
    texts: [
      ...data.thresholdViolations.map(
        ({ metric, comparison, limit, value }) =>
          `${metric.replaceAll('_', ' ')} is ${Number(value.toPrecision(3))}, allowed is ${comparison.replace('_', ' ')} ${limit}.`,
      ),
      ...[...data.risks, ...data.insights, ...data.recommendations].map(({ message }) => message),
    ],
  };
});

export const mttr = drawing<MttrDataDto>(({ mttr: { medianHours, closed, open }, change, points }, timeZone) => ({
  figures: [
    keyFigure('Mean time to recovery', 'ms', hours(change.now), hours(change.before), 'down'),
    plain('Median', figureText(hours(medianHours), 'ms')),
    plain('Recovered, still broken', `${closed}, ${open}`),
  ],
  charts:
    points.length < 2
      ? []
      : [
          {
            ...{ kind: 'line', title: '', unit: 'ms' },
            labels: points.map(({ at }) => timeText(at, timeZone, 'dd MMM yy')),
            series: [{ name: 'Mean time to recovery', values: points.map(({ value }) => hours(value)) }],
          },
        ],
}));

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&', nbsp: ' ' };

/** The words of sanitised HTML, a paragraph each. */
export const text = drawing<TextDataDto>(({ html }) => ({
  texts: html
    .replaceAll(/<\/(?:p|h\d|li|tr|pre|blockquote)>|<br ?\/?>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|#39|amp|nbsp);/g, (_, name: string) => ENTITIES[name]!)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
}));
