import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsDefined, IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { IsText } from '../../common/index.js';
import { IfGiven } from './fields.js';
import {
  CatchUpInputDto,
  DeliveryInputDto,
  OnFailureInputDto,
  TargetInputDto,
  TimingInputDto,
} from './schedule-parts.dto.js';

class ScheduleFieldsDto {
  @ApiProperty({ description: 'When it runs', type: TimingInputDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => TimingInputDto)
  timing: TimingInputDto;

  @ApiProperty({ description: 'What it does', type: TargetInputDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => TargetInputDto)
  target: TargetInputDto;

  @ApiPropertyOptional({ description: 'Who hears of it; nobody where it is left out', type: DeliveryInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => DeliveryInputDto)
  delivery?: DeliveryInputDto;

  @ApiPropertyOptional({ description: 'After a downtime; `once` where it is left out', type: CatchUpInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => CatchUpInputDto)
  catchUp?: CatchUpInputDto;

  @ApiPropertyOptional({ description: 'When runs fail', type: OnFailureInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => OnFailureInputDto)
  onFailure?: OnFailureInputDto;
}

export class CreateScheduleDto extends ScheduleFieldsDto {
  @ApiProperty({ description: 'Its name, once in the organization', maxLength: 200, example: 'Weekly quality' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({
    description: 'What it is for',
    type: String,
    nullable: true,
    maxLength: 2000,
    example: 'For the Monday meeting',
  })
  @IsOptional()
  @IsText(2000)
  description?: string | null;

  @ApiPropertyOptional({ description: 'Begin paused', default: false, example: false })
  @IfGiven()
  @IsBoolean()
  paused?: boolean;
}

class ChangeableDto extends ScheduleFieldsDto {
  @ApiProperty({ description: 'Its name, once in the organization', maxLength: 200, example: 'Weekly quality' })
  @IsText(200)
  name: string;
}

export class UpdateScheduleDto extends PartialType(ChangeableDto, { skipNullProperties: false }) {
  @ApiPropertyOptional({
    description: 'What it is for; null takes it away',
    type: String,
    nullable: true,
    maxLength: 2000,
    example: 'For the Monday meeting',
  })
  @IsOptional()
  @IsText(2000)
  description?: string | null;
}

export class PreviewScheduleDto extends ScheduleFieldsDto {
  @ApiPropertyOptional({ description: 'As it would be called', maxLength: 200, example: 'Weekly quality' })
  @IfGiven()
  @IsText(200)
  name?: string;

  @ApiPropertyOptional({
    description: 'How many of the next runs',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 10,
    example: 10,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  count?: number;

  @ApiPropertyOptional({ description: 'Whether to write the message too', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  message?: boolean;
}
