import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsSlug, IsText, PageQueryDto, type Plain } from '../../common/index.js';
import { type Channel, CHANNEL_KINDS, type ChannelKind, SMTP_SECURITY, type SmtpSecurity } from '../domain/channel.js';
import { ChannelInputDto } from './channel-input.dto.js';
import { BooleanInQuery, CHANNEL_ID, IfGiven, Instant, InstantOrNull, TextOrNull } from './fields.js';

export class CreateChannelDto extends ChannelInputDto {
  @ApiProperty({ description: 'Name, once in the organization', maxLength: 100, example: 'qa on call' })
  @IsText(100)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 500, example: 'Whoever looks after the nightly' })
  @IfGiven()
  @IsText(500)
  description?: string;

  @ApiProperty({
    description: 'Kind; its settings stand in the field of this name',
    enum: CHANNEL_KINDS,
    example: 'webhook',
  })
  @IsIn(CHANNEL_KINDS)
  kind: ChannelKind;

  @ApiPropertyOptional({ description: 'Key of the project it belongs to; without: the organization', example: 'demo' })
  @IfGiven()
  @IsSlug()
  project?: string;
}

export class UpdateChannelDto extends ChannelInputDto {
  @ApiPropertyOptional({ description: 'Name, once in the organization', maxLength: 100, example: 'qa on call' })
  @IfGiven()
  @IsText(100)
  name?: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 500, example: 'Whoever looks after the nightly' })
  @IfGiven()
  @IsText(500)
  description?: string;
}

export class RotateSecretDto {
  @ApiPropertyOptional({
    description: 'For so many hours the old secret signs too',
    minimum: 0,
    maximum: 168,
    default: 24,
    example: 24,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(168)
  graceHours?: number;
}

export class ChannelsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only this kind', enum: CHANNEL_KINDS, example: 'inbox' })
  @IsOptional()
  @IsIn(CHANNEL_KINDS)
  kind?: ChannelKind;

  @ApiPropertyOptional({ description: 'Only those of this project', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({ description: 'Only those that are enabled, or not', example: true })
  @IsOptional()
  @BooleanInQuery()
  @IsBoolean()
  enabled?: boolean;
}

class SmtpServerDto {
  @ApiProperty({ description: 'Name or address of the mail server', example: 'smtp.example.com' })
  host: string;

  @ApiProperty({ description: 'Its port', example: 587 })
  port: number;

  @ApiProperty({ description: 'How the connection is encrypted', enum: SMTP_SECURITY, example: 'starttls' })
  security: SmtpSecurity;

  @ApiPropertyOptional({ description: 'User', example: 'reports' })
  user?: string;
}

class ChannelSettingsDto {
  @ApiPropertyOptional({ description: 'email: recipients', type: [String], example: ['qa@example.com'] })
  to?: string[];

  @ApiPropertyOptional({ description: 'email: copies', type: [String], example: ['lead@example.com'] })
  cc?: string[];

  @ApiPropertyOptional({ description: 'email: sender', example: 'Test reports <reports@example.com>' })
  from?: string;

  @ApiPropertyOptional({ description: 'email: mail server of its own', type: SmtpServerDto })
  smtp?: SmtpServerDto;

  @ApiPropertyOptional({
    description: 'slack, teams, webhook: origin of the URL, whose path is a secret',
    example: 'https://hooks.example.com',
  })
  target?: string;

  @ApiPropertyOptional({
    description: 'webhook: names of the further headers, whose values are secrets',
    type: [String],
    example: ['X-Team'],
  })
  headerNames?: string[];

  @ApiPropertyOptional({ description: 'inbox: users', type: [String], example: ['ann', 'ben'] })
  users?: string[];
}

class SecretHintsDto {
  @ApiPropertyOptional({ description: 'End of the URL', example: '…yk3y' })
  url?: string;

  @ApiPropertyOptional({ description: 'End of the password', example: '…word' })
  password?: string;

  @ApiPropertyOptional({ description: 'End of the signing secret', example: '…Lw0=' })
  signing?: string;
}

export class ChannelDto {
  @ApiProperty({ description: 'Id', example: CHANNEL_ID })
  channelId: string;

  @ApiProperty({ description: 'Name', example: 'qa on call' })
  name: string;

  @TextOrNull('What it is for', 'Whoever looks after the nightly')
  description: string | null;

  @ApiProperty({ description: 'Kind', enum: CHANNEL_KINDS, example: 'webhook' })
  kind: ChannelKind;

  @TextOrNull('Key of the project it belongs to; null: the organization', null)
  project: string | null;

  @ApiProperty({ description: 'Whether anything is sent over it', example: true })
  enabled: boolean;

  @TextOrNull('Why it is not enabled', null)
  disabledReason: string | null;

  @ApiProperty({ description: 'What is no secret of its settings', type: ChannelSettingsDto })
  settings: ChannelSettingsDto;

  @ApiProperty({ description: 'The ends of its secrets, which are never returned', type: SecretHintsDto })
  secretHints: SecretHintsDto;

  @InstantOrNull('webhook: until when the secret before signs too')
  oldSecretValidUntil: Date | null;

  @ApiProperty({ description: 'Who created it', example: 'ann' })
  createdBy: string;

  @Instant('When')
  createdAt: Date;

  @Instant('When it was changed last')
  updatedAt: Date;
}

class MadeSecretDto {
  @TextOrNull(
    'webhook: the signing secret, which is shown this once; null for other kinds',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
  )
  secret: string | null;
}

export class ChannelWithSecretDto extends IntersectionType(ChannelDto, MadeSecretDto) {}

export class ChannelPageDto {
  @ApiProperty({ description: 'By name', type: [ChannelDto] })
  items: readonly ChannelDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export const toChannelDto = (channel: Channel): Plain<ChannelDto> => {
  const { channelId, name, description, kind, project, enabled, disabledReason, settings, hints } = channel;
  const { oldSecretValidUntil, createdBy, createdAt, updatedAt } = channel;
  return {
    ...{ channelId, name, kind, enabled, settings, secretHints: hints, createdBy, createdAt, updatedAt },
    description: description ?? null,
    project: project ?? null,
    disabledReason: disabledReason ?? null,
    oldSecretValidUntil: oldSecretValidUntil ?? null,
  };
};
