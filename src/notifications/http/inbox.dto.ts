import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { PageQueryDto, type Plain } from '../../common/index.js';
import type { InboxMessage } from '../domain/inbox.js';
import { SEVERITIES, type Severity } from '../domain/message.js';
import { BooleanInQuery, Instant, InstantOrNull, MESSAGE_ID, TextOrNull } from './fields.js';

export class InboxQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only those that are unread', default: false, example: true })
  @IsOptional()
  @BooleanInQuery()
  @IsBoolean()
  unread?: boolean;
}

export class InboxMessageDto {
  @ApiProperty({ description: 'Id', example: MESSAGE_ID })
  messageId: string;

  @ApiProperty({ description: 'Kind of message', example: 'channel.test' })
  kind: string;

  @ApiProperty({ description: 'How bad', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @ApiProperty({ description: 'One line', example: 'Pass rate of demo fell below 90 %' })
  title: string;

  @ApiProperty({ description: 'What it is about', example: 'It is 84 %, expected are 95 to 99 %.' })
  body: string;

  @TextOrNull('Where to read on', 'http://localhost:3000/api/v1/execution-reporting/alerts/status')
  href: string | null;

  @ApiProperty({ description: 'Projects it is about', type: [String], example: ['demo'] })
  projects: readonly string[];

  @Instant('When it came')
  createdAt: Date;

  @InstantOrNull('When it was read; null while it is unread')
  readAt: Date | null;
}

export class InboxPageDto {
  @ApiProperty({ description: 'Newest first', type: [InboxMessageDto] })
  items: readonly InboxMessageDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;

  @ApiProperty({ description: 'Unread messages altogether', example: 3 })
  unread: number;
}

export class MarkedDto {
  @ApiProperty({ description: 'Messages that were unread', example: 3 })
  marked: number;
}

export class InboxStateDto {
  @ApiProperty({ description: 'Unread messages altogether', example: 3 })
  unread: number;

  @ApiProperty({ description: 'The newest messages, newest first', type: [InboxMessageDto] })
  items: readonly InboxMessageDto[];
}

export class InboxMarkedDto {
  @ApiProperty({ description: 'Id of the message', example: MESSAGE_ID })
  messageId: string;

  @InstantOrNull('When it was read; null: it is unread again')
  readAt: Date | null;
}

export class InboxAllReadDto {
  @Instant('When')
  readAt: Date;
}

export class InboxRemovedDto {
  @ApiProperty({ description: 'Id of the message', example: MESSAGE_ID })
  messageId: string;
}

export const toInboxMessageDto = (message: InboxMessage): Plain<InboxMessageDto> => {
  const { messageId, kind, severity, title, body, href, projects, createdAt, readAt } = message;
  return { messageId, kind, severity, title, body, href: href ?? null, projects, createdAt, readAt };
};
