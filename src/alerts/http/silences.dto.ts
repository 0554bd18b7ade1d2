import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  ValidateNested,
} from 'class-validator';
import { IsText, PageQueryDto, type Plain } from '../../common/index.js';
import {
  SILENCE_STATES,
  type SilenceSettings,
  type SilenceState,
  type StoredSilence,
} from '../persistence/silences.repository.js';
import { IfGiven, Instant, SILENCE_ID, TextOrNull } from './fields.js';
import { MatcherDto } from './matcher.dto.js';

export class SilenceSettingsDto {
  @ApiProperty({
    description: 'All of them hold for an alert that it mutes',
    type: [MatcherDto],
    minItems: 1,
    maxItems: 20,
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => MatcherDto)
  matchers: MatcherDto[];

  @ApiPropertyOptional({
    description: 'Begin; now where it is left out',
    format: 'date-time',
    type: String,
    example: '2099-07-01T08:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  startsAt?: string;

  @ApiProperty({
    description: 'End; nobody has to lift it',
    format: 'date-time',
    type: String,
    example: '2099-07-01T10:00:00Z',
  })
  @IsISO8601({ strict: true, strictSeparator: true })
  endsAt: string;

  @ApiProperty({ description: 'Why', maxLength: 2000, example: 'The test environment is being moved' })
  @IsText(2000)
  comment: string;
}

const STATES_TEXT = 'pending: its begin is to come; active: it mutes; expired: its end is over';

export class SilencesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: `Only these. ${STATES_TEXT}`, enum: SILENCE_STATES, example: 'active' })
  @IsOptional()
  @IsIn(SILENCE_STATES)
  state?: SilenceState;
}

export class SilenceDto {
  @ApiProperty({ description: 'Id of the silence', example: SILENCE_ID })
  silenceId: string;

  @ApiProperty({ description: `Where it stands. ${STATES_TEXT}`, enum: SILENCE_STATES, example: 'active' })
  state: SilenceState;

  @ApiProperty({ description: 'What it mutes', type: [MatcherDto] })
  matchers: readonly MatcherDto[];

  @Instant('Begin, included')
  startsAt: Date;

  @Instant('End, excluded')
  endsAt: Date;

  @ApiProperty({ description: 'Why', example: 'The test environment is being moved' })
  comment: string;

  @ApiProperty({ description: 'Who made it', example: 'Ann' })
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was last changed')
  updatedAt: Date;
}

export class SilencePageDto {
  @ApiProperty({ description: 'Newest first', type: [SilenceDto] })
  items: readonly SilenceDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export const toSilenceSettings = (body: SilenceSettingsDto, now: Date): SilenceSettings => ({
  matchers: body.matchers.map(({ label, operator, value }) => ({ label, operator, value })),
  startsAt: body.startsAt === undefined ? now : new Date(body.startsAt),
  endsAt: new Date(body.endsAt),
  comment: body.comment,
});

export const toSilenceDto = (silence: StoredSilence, state: SilenceState): Plain<SilenceDto> => ({ ...silence, state });
