import { ApiProperty } from '@nestjs/swagger';
import { Instant, Numeric, OptionalText, Text } from './trend-fields.js';

export class NeighbouringRunDto {
  @Text('Run', '6650c0ffee6650c0ffee0001')
  runId: string;

  @Text('Key of its project', 'demo')
  project: string;

  @Instant('Its start')
  startedAt: string;

  @OptionalText('Its name', 'Build 1204')
  name?: string;

  @OptionalText('Its branch', 'main')
  branch?: string;

  @OptionalText('Its commit', '5d2f6f0e2a6c4f7c8f1d8a1f2f3b4c5d6e7f8a9b')
  commit?: string;
}

class PositionIntervalDto {
  @Instant('Begin of the first period in which the change may have come')
  from: string;

  @Instant('Begin of the last one')
  to: string;
}

export class ChangePointDto {
  @Instant('Begin of the first period after the change')
  at: string;

  @Numeric('Mean before, back to the change point before', 0.968)
  before: number;

  @Numeric('Mean after, up to the next change point', 0.902)
  after: number;

  @ApiProperty({
    description: 'Whether that is better; `neutral` where neither way is',
    enum: ['improving', 'degrading', 'neutral'],
    example: 'degrading',
  })
  direction: 'improving' | 'degrading' | 'neutral';

  @ApiProperty({ description: '99 % interval of the position', type: PositionIntervalDto })
  interval: PositionIntervalDto;

  @Numeric('Gain of the fit over the penalty, in squared standard deviations', 24.6)
  gain: number;

  @ApiProperty({
    description: 'Runs of the last period before it, newest first, at most 10',
    type: [NeighbouringRunDto],
  })
  runsBefore: readonly NeighbouringRunDto[];

  @ApiProperty({ description: 'Runs of its first period, oldest first, at most 10', type: [NeighbouringRunDto] })
  runsAfter: readonly NeighbouringRunDto[];

  @ApiProperty({
    description: 'Commits of the runs before',
    type: [String],
    example: ['5d2f6f0e2a6c4f7c8f1d8a1f2f3b4c5d6e7f8a9b'],
  })
  commitsBefore: readonly string[];

  @ApiProperty({
    description: 'Commits of the runs after: the suspects',
    type: [String],
    example: ['0b7c6f0e2a6c4f7c8f1d8a1f2f3b4c5d6e7f8a9c'],
  })
  commitsAfter: readonly string[];
}

class ExpectedRangeDto {
  @Numeric('Lower end', 0.931)
  low: number;

  @Numeric('Upper end', 0.989)
  high: number;
}

export class AnomalyDto {
  @Instant('Begin of the period')
  at: string;

  @Numeric('Value', 0.612)
  value: number;

  @Numeric('What its neighbours and season let expect', 0.96)
  expected: number;

  @ApiProperty({ description: 'Where it would not have been flagged', type: ExpectedRangeDto })
  expectedRange: ExpectedRangeDto;

  @Numeric('Residual over its robust scale; flagged from 3.5', -12.4)
  score: number;

  @ApiProperty({ description: 'On which side', enum: ['above', 'below'], example: 'below' })
  direction: 'above' | 'below';

  @Numeric('What the value rests on', 720)
  n: number;
}
