import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsText } from '../../common/index.js';
import { SMTP_SECURITY, type SmtpSecurity } from '../domain/channel.js';
import { IfGiven } from './fields.js';

const HOST = /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.?)+$|^[0-9A-Fa-f:.]+$/;
const SENDER = /^([^<>\r\n"]{1,100} <[^<>\s@,;]+@[^<>\s@,;]+>|[^<>\s@,;]+@[^<>\s@,;]+)$/;

/** Up to ten texts by name; what may stand in them is checked with the channel. */
const IsHeaderMap = (): PropertyDecorator =>
  ValidateBy({
    name: 'isHeaderMap',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length <= 10 &&
        Object.values(value).every((one) => typeof one === 'string'),
      defaultMessage: () => 'must be an object of at most 10 texts',
    },
  });

class SmtpServerInputDto {
  @ApiProperty({ description: 'Name or address of the mail server', maxLength: 253, example: 'smtp.example.com' })
  @MaxLength(253)
  @Matches(HOST, { message: 'must be the name or the address of a host' })
  host: string;

  @ApiProperty({ description: 'Its port', minimum: 1, maximum: 65535, example: 587 })
  @IsInt()
  @Min(1)
  @Max(65535)
  port: number;

  @ApiProperty({
    description: 'tls: from the first byte; starttls: required after the greeting; none: on a trusted network only',
    enum: SMTP_SECURITY,
    example: 'starttls',
  })
  @IsIn(SMTP_SECURITY)
  security: SmtpSecurity;

  @ApiPropertyOptional({ description: 'User, together with a password', maxLength: 200, example: 'reports' })
  @IfGiven()
  @IsText(200)
  user?: string;

  @ApiPropertyOptional({
    description: 'Password; encrypted at rest and never returned',
    maxLength: 500,
    writeOnly: true,
    example: 'an application password',
  })
  @IfGiven()
  @IsText(500)
  password?: string;
}

class EmailInputDto {
  @ApiProperty({ description: 'Recipients', type: [String], maxItems: 50, example: ['qa@example.com'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsEmail({}, { each: true })
  to: string[];

  @ApiPropertyOptional({ description: 'Copies', type: [String], maxItems: 50, example: ['lead@example.com'] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(50)
  @IsEmail({}, { each: true })
  cc?: string[];

  @ApiPropertyOptional({
    description: 'Sender, where the channel has a mail server of its own',
    maxLength: 200,
    example: 'Test reports <reports@example.com>',
  })
  @IfGiven()
  @MaxLength(200)
  @Matches(SENDER, { message: 'must be an address, or a name and an address in angle brackets' })
  from?: string;

  @ApiPropertyOptional({ description: "Mail server; without one the installation's is used", type: SmtpServerInputDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => SmtpServerInputDto)
  smtp?: SmtpServerInputDto;
}

class HookInputDto {
  @ApiProperty({
    description: 'URL that takes the messages. It is a secret: encrypted at rest and never returned',
    maxLength: 2000,
    example: 'https://hooks.example.com/services/T0001/B0001/k3yk3yk3y',
  })
  @IsText(2000)
  url: string;
}

class WebhookInputDto extends HookInputDto {
  @ApiPropertyOptional({
    description: 'Further headers of each request, at most 10. Their values are encrypted at rest and never returned',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'X-Team': 'qa' },
  })
  @IfGiven()
  @IsHeaderMap()
  headers?: Record<string, string>;
}

class InboxInputDto {
  @ApiProperty({
    description: 'Subjects (`sub` of their tokens) of the users',
    type: [String],
    maxItems: 500,
    example: ['ann', 'ben'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsText(200, { each: true })
  users: string[];
}

/** The settings of each kind; the one that the channel's kind names is given, and no other. */
export class ChannelInputDto {
  @ApiPropertyOptional({ description: 'For kind email', type: EmailInputDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => EmailInputDto)
  email?: EmailInputDto;

  @ApiPropertyOptional({ description: 'For kind slack: an incoming webhook', type: HookInputDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => HookInputDto)
  slack?: HookInputDto;

  @ApiPropertyOptional({
    description: 'For kind teams: a workflow that begins with a webhook request',
    type: HookInputDto,
  })
  @IfGiven()
  @ValidateNested()
  @Type(() => HookInputDto)
  teams?: HookInputDto;

  @ApiPropertyOptional({
    description: 'For kind webhook: signed as Standard Webhooks 1.0 says, see docs/webhooks.md',
    type: WebhookInputDto,
  })
  @IfGiven()
  @ValidateNested()
  @Type(() => WebhookInputDto)
  webhook?: WebhookInputDto;

  @ApiPropertyOptional({ description: 'For kind inbox: users of this organization', type: InboxInputDto })
  @IfGiven()
  @ValidateNested()
  @Type(() => InboxInputDto)
  inbox?: InboxInputDto;
}
