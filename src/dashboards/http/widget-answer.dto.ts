import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MetricFilterDto } from '../../metrics/index.js';
import { Instant, Text, TextOrNull } from '../widgets/fields.js';

export class WidgetErrorDto {
  @Text('Stable: widget_timeout, internal, or the code that the same question gets elsewhere', 'widget_timeout')
  code: string;

  @Text('What happened', 'The widget took too long')
  message: string;

  @ApiProperty({ description: 'Asking again may help', example: true })
  retryable: boolean;
}

export class WidgetRangeDto {
  @Instant('Begin, included')
  from: string;

  @Instant('End, excluded')
  to: string;

  @Text('Zone in which its days begin', 'UTC')
  timeZone: string;
}

/** What widgets of all types answer. */
export class WidgetAnswerBase {
  @Text('Unique on its dashboard', 'summary')
  id: string;

  @TextOrNull('Its heading', 'The last 30 days')
  title: string | null;

  @ApiProperty({ description: "Narrows the dashboard's filter", type: MetricFilterDto })
  filter: object;

  @ApiPropertyOptional({ description: 'Why it has no data; the other widgets have', type: WidgetErrorDto })
  error?: WidgetErrorDto;

  @ApiProperty({
    description: 'What it looks at; null where that cannot be told',
    type: WidgetRangeDto,
    nullable: true,
  })
  range: WidgetRangeDto | null;

  @ApiProperty({
    description: 'Position in the commit log that its figures stand for; null where that cannot be told',
    type: Number,
    nullable: true,
    example: 4711,
  })
  asOf: number | null;
}
