import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, ValidateNested } from 'class-validator';
import { IsText, type Plain } from '../../common/index.js';
import type { InhibitionSettings, StoredInhibition } from '../persistence/inhibitions.repository.js';
import { IfGiven, INHIBITION_ID, Instant, IsLabelNames, TextOrNull } from './fields.js';
import { MatcherDto } from './matcher.dto.js';

export class InhibitionSettingsDto {
  @ApiProperty({ description: 'Name', maxLength: 200, example: 'An environment that is down explains its failures' })
  @IsText(200)
  name: string;

  @ApiProperty({
    description: 'An alert that fires and matches all of these mutes',
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
  source: MatcherDto[];

  @ApiProperty({ description: 'those that match all of these', type: [MatcherDto], minItems: 1, maxItems: 20 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => MatcherDto)
  target: MatcherDto[];

  @ApiPropertyOptional({
    description: 'and agree with it in these labels',
    type: [String],
    maxItems: 20,
    example: ['project', 'environment'],
  })
  @IfGiven()
  @IsLabelNames()
  equal?: string[];
}

export class InhibitionDto {
  @ApiProperty({ description: 'Id of the inhibition rule', example: INHIBITION_ID })
  inhibitionRuleId: string;

  @ApiProperty({ description: 'Name', example: 'An environment that is down explains its failures' })
  name: string;

  @ApiProperty({ description: 'What mutes', type: [MatcherDto] })
  source: readonly MatcherDto[];

  @ApiProperty({ description: 'What is muted', type: [MatcherDto] })
  target: readonly MatcherDto[];

  @ApiProperty({ description: 'Labels in which both agree', type: [String], example: ['project'] })
  equal: readonly string[];

  @ApiProperty({ description: 'Who made it', example: 'ann' })
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was last changed')
  updatedAt: Date;
}

export class InhibitionPageDto {
  @ApiProperty({ description: 'Oldest first', type: [InhibitionDto] })
  items: readonly InhibitionDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

const toMatchers = (matchers: readonly MatcherDto[]) =>
  matchers.map(({ label, operator, value }) => ({ label, operator, value }));

export const toInhibitionSettings = ({ name, source, target, equal }: InhibitionSettingsDto): InhibitionSettings => ({
  name,
  source: toMatchers(source),
  target: toMatchers(target),
  equal: equal ?? [],
});

export const toInhibitionDto = (rule: StoredInhibition): Plain<InhibitionDto> => rule;
