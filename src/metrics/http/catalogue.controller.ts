import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, TargetMs } from '../../common/index.js';
import { RunsRepository } from '../../executions/index.js';
import { runMetric } from '../domain/catalogue.js';
import { MetricRegistry } from '../metric-registry.js';
import { MetricsCatalogueDto, toMetricDto } from './catalogue.dto.js';

const NEWEST_RUNS = 200;

@ApiTags('Metrics')
@Controller('metrics-catalogue')
@Permit('metrics:read')
@Cost('cheap')
export class CatalogueController {
  constructor(
    private readonly runs: RunsRepository,
    private readonly registry: MetricRegistry,
  ) {}

  @Get()
  @TargetMs(50)
  @ApiOperation({
    summary: 'The metric catalogue',
    description:
      'Every metric that reports, trends, alerts, widgets and exports can be asked for: id, unit, which way is better, and how it is computed. Figures that clients send with their runs are metrics too: `run.<name>`.',
  })
  @ApiOkResponse({ type: MetricsCatalogueDto, description: 'The catalogue' })
  @ApiProblems(403)
  async list(@Caller() { scope }: Principal): Promise<MetricsCatalogueDto> {
    const { items } = await this.runs.list(scope, {}, NEWEST_RUNS);
    const names = new Set(items.flatMap(({ metrics }) => Object.keys(metrics ?? {})));
    return { items: [...this.registry.all(), ...[...names].sort().map(runMetric)].map(toMetricDto) };
  }
}
