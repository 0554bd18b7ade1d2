import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TrendDefinitionDto, Instant, NumberOrNull, Numeric, Reason, Status, type StatusName } from './trend-fields.js';

class ForecastPointDto {
  @Instant('Begin of the period')
  at: string;

  @Numeric('Forecast', 0.957)
  value: number;

  @Numeric('Lower end of the 80 % interval', 0.941)
  low80: number;

  @Numeric('Upper end of the 80 % interval', 0.969)
  high80: number;

  @Numeric('Lower end of the 95 % interval', 0.928)
  low95: number;

  @Numeric('Upper end of the 95 % interval', 0.977)
  high95: number;
}

class ForecastAccuracyDto {
  @NumberOrNull(
    'Mean absolute scaled error over the rolling origins: error over that of seasonal naive in the series',
    0.81,
  )
  mase: number | null;

  @NumberOrNull("Mean absolute error over seasonal naive's from the same origins; below 1 is better", 0.92)
  relativeToSeasonalNaive: number | null;

  @Numeric('Points that the model rests on', 365)
  n: number;

  @Numeric('Rolling origins', 7)
  origins: number;

  @NumberOrNull('Share of the points of the other origins within the 80 % interval', 0.82)
  coverage80: number | null;

  @NumberOrNull('Share of them within the 95 % interval', 0.955)
  coverage95: number | null;
}

export const MODELS = ['seasonal_naive', 'auto_ets', 'mstl_ets'] as const;

export class ForecastDto {
  @Status()
  status: StatusName;

  @Reason()
  reason?: string;

  @ApiPropertyOptional({ description: 'Formula and version', type: TrendDefinitionDto })
  definition?: TrendDefinitionDto;

  @ApiPropertyOptional({
    description: 'The model of the least rolling-origin error',
    enum: MODELS,
    example: 'mstl_ets',
  })
  model?: (typeof MODELS)[number];

  @ApiProperty({ description: 'One point per period; none with insufficient_data', type: [ForecastPointDto] })
  points: readonly ForecastPointDto[];

  @ApiPropertyOptional({ description: 'How well the model did on what it had not seen', type: ForecastAccuracyDto })
  accuracy?: ForecastAccuracyDto;
}
