import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, ValidateNested } from 'class-validator';
import { IsTimeZone, type Plain } from '../../common/index.js';
import { DEFAULT_PREFERENCES, DIGESTS, MEDIA, type Medium, type Preferences } from '../domain/preferences.js';
import { IfGiven, IsTimeOfDay, TextOrNull } from './fields.js';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

const Media = (severity: string): PropertyDecorator => {
  const documented = ApiProperty({
    description: `Ways for messages of severity ${severity}`,
    enum: MEDIA,
    isArray: true,
    example: ['inbox'],
  });
  return (target, key) => {
    for (const decorate of [
      documented,
      IsArray(),
      ArrayMaxSize(MEDIA.length),
      ArrayUnique(),
      IsIn(MEDIA, { each: true }),
    ])
      decorate(target, key);
  };
};

class ChannelsBySeverityDto {
  @Media('low')
  low: Medium[];

  @Media('medium')
  medium: Medium[];

  @Media('high')
  high: Medium[];

  @Media('critical')
  critical: Medium[];
}

class QuietHoursDto {
  @ApiProperty({ description: 'Time of day they begin', example: '22:00' })
  @IsTimeOfDay()
  from: string;

  @ApiProperty({ description: 'Time of day they end; on the next day where it is earlier', example: '07:00' })
  @IsTimeOfDay()
  to: string;

  @ApiPropertyOptional({
    description: 'Weekdays on which they begin, 1 = Monday; without: every day',
    type: [Number],
    example: [1, 2, 3, 4, 5],
  })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEEKDAYS, { each: true })
  days?: number[];

  @ApiProperty({ description: 'Whether critical mails come at once all the same', example: true })
  @IsBoolean()
  criticalPasses: boolean;
}

class DigestDto {
  @ApiProperty({ description: 'How often mails are gathered into one', enum: DIGESTS, example: 'daily' })
  @IsIn(DIGESTS)
  every: (typeof DIGESTS)[number];

  @ApiPropertyOptional({ description: 'daily: time of day', default: '08:00', example: '08:00' })
  @IfGiven()
  @IsTimeOfDay()
  at?: string;
}

export class PutPreferencesDto {
  @ApiPropertyOptional({ description: 'IANA time zone of all times of day', default: 'UTC', example: 'Europe/Berlin' })
  @IfGiven()
  @IsTimeZone()
  timeZone?: string;

  @ApiPropertyOptional({ description: 'Ways by severity', type: ChannelsBySeverityDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => ChannelsBySeverityDto)
  channels?: ChannelsBySeverityDto;

  @ApiPropertyOptional({ description: 'When no mail comes; without: never', type: QuietHoursDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => QuietHoursDto)
  quietHours?: QuietHoursDto;

  @ApiPropertyOptional({ description: 'Whether mails are gathered', type: DigestDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => DigestDto)
  digest?: DigestDto;
}

export class PreferencesDto {
  @ApiProperty({ description: 'IANA time zone of all times of day', example: 'Europe/Berlin' })
  timeZone: string;

  @ApiProperty({ description: 'Ways by severity', type: ChannelsBySeverityDto })
  channels: ChannelsBySeverityDto;

  @ApiProperty({ description: 'When no mail comes; null: never', type: QuietHoursDto, nullable: true })
  quietHours: QuietHoursDto | null;

  @ApiProperty({ description: 'Whether mails are gathered', type: DigestDto })
  digest: DigestDto;

  @TextOrNull('Where mails go: the address of the token with which the preferences were set', 'ann@example.com')
  email: string | null;
}

/** Fields left out go back to their defaults. */
export const toPreferences = (body: PutPreferencesDto): Omit<Preferences, 'email'> => {
  const { timeZone, channels, quietHours, digest } = body;
  return {
    timeZone: timeZone ?? DEFAULT_PREFERENCES.timeZone,
    channels: channels ?? DEFAULT_PREFERENCES.channels,
    ...(quietHours && { quietHours }),
    digest: { ...DEFAULT_PREFERENCES.digest, ...(digest && { every: digest.every, at: digest.at ?? '08:00' }) },
  };
};

export const toPreferencesDto = ({ quietHours, email, ...rest }: Preferences): Plain<PreferencesDto> => ({
  ...rest,
  quietHours: quietHours ?? null,
  email: email ?? null,
});
