import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsObject, IsOptional, ValidateNested } from 'class-validator';
import type { Plain } from '../../common/index.js';
import { TimeRangeDto } from '../../metrics/index.js';
import type { BacktestAnswer } from '../backtest.service.js';
import { formatDuration } from '../domain/durations.js';
import { LEVELS, type Level } from '../domain/rule.js';
import { Instant, InstantOrNull, NumberOrNull, OptionalDuration, TextOrNull } from './fields.js';
import { AlertRuleSettingsDto } from './rule-settings.dto.js';

export class BacktestRequestDto {
  @ApiProperty({ description: 'The rule, as it would be posted', type: AlertRuleSettingsDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => AlertRuleSettingsDto)
  rule: AlertRuleSettingsDto;

  @ApiPropertyOptional({ description: 'When; the last 30 days where nothing is said', type: TimeRangeDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TimeRangeDto)
  timeRange?: TimeRangeDto;

  @OptionalDuration(
    'From one evaluation to the next; the schedule of the rule, else hourly, and longer where that would be too many',
    { min: '1m', max: '30d' },
    undefined,
    '1d',
  )
  step?: string;
}

class BacktestAlertDto {
  @ApiProperty({
    description: 'Values of the groupBy',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: {},
  })
  group: object;

  @ApiProperty({ description: 'The group, for people', example: 'suite checkout' })
  groupText: string;

  @ApiProperty({ description: 'The worst level it would have reached', enum: LEVELS, example: 'critical' })
  level: Level;

  @Instant('When it would have fired')
  firedAt: Date;

  @InstantOrNull('When it would have resolved; null: it would still be on')
  resolvedAt: Date | null;

  @TextOrNull('Why it would have resolved', 'recovered')
  resolveReason: string | null;

  @NumberOrNull('The value when it fired', 0.91)
  value: number | null;

  @ApiProperty({ description: 'Outcomes behind the value', example: 412 })
  n: number;
}

export class BacktestDto {
  @Instant('Begin')
  from: Date;

  @Instant('End')
  to: Date;

  @ApiProperty({ description: 'From one evaluation to the next', example: '2h' })
  step: string;

  @ApiProperty({ description: 'How often it was evaluated', example: 360 })
  evaluations: number;

  @ApiProperty({ description: 'Evaluations without any outcome', example: 0 })
  withoutData: number;

  @ApiProperty({ description: 'Evaluations that failed', example: 0 })
  errors: number;

  @TextOrNull('What the first of them failed with', null)
  firstError: string | null;

  @ApiProperty({ description: 'In the order in which they would have fired', type: [BacktestAlertDto] })
  alerts: readonly BacktestAlertDto[];
}

export const toBacktestDto = (answer: BacktestAnswer): Plain<BacktestDto> => {
  const { stepMs, firstError, alerts, ...rest } = answer;
  return {
    ...rest,
    step: formatDuration(stepMs),
    firstError: firstError ?? null,
    alerts: alerts.map(({ figure, ...alert }) => ({ ...alert, value: figure?.value ?? null, n: figure?.n ?? 0 })),
  };
};
