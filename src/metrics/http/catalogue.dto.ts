import { ApiProperty } from '@nestjs/swagger';
import type { GoodDirection, ListedMetric, MetricKind, MetricSource, MetricUnit } from '../domain/catalogue.js';

export class MetricDto {
  @ApiProperty({ description: 'What trends, alerts, widgets and exports call it', example: 'pass_rate' })
  id: string;

  @ApiProperty({ description: 'For people to read', example: 'Pass rate' })
  title: string;

  @ApiProperty({ description: 'Unit of its values', enum: ['count', 'ratio', 'ms', 'number'], example: 'ratio' })
  unit: MetricUnit;

  @ApiProperty({ description: 'Which way is better', enum: ['up', 'down', 'none'], example: 'up' })
  goodDirection: GoodDirection;

  @ApiProperty({ description: 'What kind', enum: ['count', 'rate', 'quantile', 'duration', 'value'], example: 'rate' })
  kind: MetricKind;

  @ApiProperty({ description: 'How it is computed', example: 'passed / (passed + failed + broken + timeout).' })
  description: string;

  @ApiProperty({
    description: 'Whether it comes out of a rollup cell, which tests ran when, runs, or the judged histories of tests',
    enum: ['cell', 'tests', 'runs', 'quality'],
    example: 'cell',
  })
  source: MetricSource;
}

export class MetricsCatalogueDto {
  @ApiProperty({
    description: 'Every metric, and the figures that the newest 200 runs sent (`run.<name>`)',
    type: [MetricDto],
  })
  items: readonly MetricDto[];
}

export const toMetricDto = ({
  id,
  title,
  unit,
  goodDirection,
  kind,
  description,
  source,
}: ListedMetric): MetricDto => ({
  ...{ id, title, unit, goodDirection, kind, description, source },
});
