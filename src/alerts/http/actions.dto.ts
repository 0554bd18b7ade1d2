import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsText } from '../../common/index.js';
import { COMMENT_LENGTH } from '../messages/action-page.js';
import { IfGiven, IsDuration, OptionalDuration } from './fields.js';

export class AcknowledgeDto {
  @OptionalDuration(
    'It lapses after so long; without, it holds until the alert resolves',
    { min: '1m', max: '30d' },
    undefined,
    '2h',
  )
  timeout?: string;

  @ApiPropertyOptional({
    description: 'For the timeline',
    maxLength: 2000,
    example: 'Looking into the payment sandbox',
  })
  @IfGiven()
  @IsText(2000)
  note?: string;
}

export class SnoozeRequestDto {
  @ApiProperty({ description: 'For how long, from now. 1m to 30d.', example: '4h' })
  @IsDuration({ min: '1m', max: '30d' })
  for: string;
}

export class CommentDto {
  @ApiProperty({
    description: 'What there is to say',
    maxLength: COMMENT_LENGTH,
    example: 'The sandbox was down, it is not us',
  })
  @IsText(COMMENT_LENGTH)
  text: string;
}
