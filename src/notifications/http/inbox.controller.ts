import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { InboxService } from '../inbox.service.js';
import { PreferencesService } from '../preferences.service.js';
import { MESSAGE_ID } from './fields.js';
import { InboxMessageDto, InboxPageDto, InboxQueryDto, MarkedDto, toInboxMessageDto } from './inbox.dto.js';
import { PreferencesDto, PutPreferencesDto, toPreferences, toPreferencesDto } from './preferences.dto.js';

const MessageId = (): MethodDecorator =>
  ApiParam({ name: 'messageId', description: 'Id of the message', example: MESSAGE_ID });

@ApiTags('Notifications')
@Controller('notifications')
@Cost('cheap')
export class InboxController {
  constructor(
    private readonly inbox: InboxService,
    private readonly preferences: PreferencesService,
  ) {}

  @Get('inbox')
  @Permit('notifications:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'My inbox', description: 'Messages to the caller; kept 180 days.' })
  @ApiOkResponse({ type: InboxPageDto, description: 'A page of messages' })
  @ApiProblems(403, 422)
  async list(@Caller() principal: Principal, @Query() query: InboxQueryDto): Promise<Plain<InboxPageDto>> {
    const { unread: unreadOnly = false, limit = 50, cursor } = query;
    const { items, nextCursor, unread } = await this.inbox.list(principal, unreadOnly, limit, cursor);
    return { items: items.map(toInboxMessageDto), nextCursor, unread };
  }

  @Post('inbox/read-all')
  @Permit('inbox:write')
  @HttpCode(200)
  @TargetMs(100)
  @ApiOperation({ summary: 'Mark all as read', description: "All messages of the caller's inbox." })
  @ApiOkResponse({ type: MarkedDto, description: 'How many were unread' })
  @ApiProblems(403)
  async readAll(@Caller() principal: Principal): Promise<Plain<MarkedDto>> {
    return { marked: await this.inbox.markAll(principal) };
  }

  @Post('inbox/:messageId/read')
  @Permit('inbox:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({ summary: 'Mark as read', description: 'One message.' })
  @MessageId()
  @ApiOkResponse({ type: InboxMessageDto, description: 'The message' })
  @ApiProblems(403, 404)
  async read(@Caller() principal: Principal, @Param('messageId') messageId: string): Promise<Plain<InboxMessageDto>> {
    return toInboxMessageDto(await this.inbox.mark(principal, messageId, true));
  }

  @Post('inbox/:messageId/unread')
  @Permit('inbox:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({ summary: 'Mark as unread', description: 'One message.' })
  @MessageId()
  @ApiOkResponse({ type: InboxMessageDto, description: 'The message' })
  @ApiProblems(403, 404)
  async unread(@Caller() principal: Principal, @Param('messageId') messageId: string): Promise<Plain<InboxMessageDto>> {
    return toInboxMessageDto(await this.inbox.mark(principal, messageId, false));
  }

  @Delete('inbox/:messageId')
  @Permit('inbox:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Remove a message', description: "From the caller's inbox." })
  @MessageId()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  remove(@Caller() principal: Principal, @Param('messageId') messageId: string): Promise<void> {
    return this.inbox.remove(principal, messageId);
  }

  @Get('preferences')
  @Permit('notifications:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'How I am reached',
    description: 'The default preferences for who has set none: everything in the inbox, mails from severity high on.',
  })
  @ApiOkResponse({ type: PreferencesDto, description: 'The preferences of the caller' })
  @ApiProblems(403)
  async getPreferences(@Caller() principal: Principal): Promise<Plain<PreferencesDto>> {
    return toPreferencesDto(await this.preferences.get(principal));
  }

  @Put('preferences')
  @Permit('inbox:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Set how I am reached',
    description:
      "Ways by severity, quiet hours, digest; for messages to inboxes. Mails go to the address of the caller's token. What is held during quiet hours or for a digest comes as one mail; the inbox holds nothing back. Fields left out go back to their defaults.",
  })
  @ApiOkResponse({ type: PreferencesDto, description: 'The preferences as they are now' })
  @ApiProblems(400, 403, 422)
  async putPreferences(
    @Caller() principal: Principal,
    @Body() body: PutPreferencesDto,
  ): Promise<Plain<PreferencesDto>> {
    return toPreferencesDto(await this.preferences.put(principal, toPreferences(body)));
  }
}
