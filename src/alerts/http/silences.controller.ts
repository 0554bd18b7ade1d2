import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import type { StoredSilence } from '../persistence/silences.repository.js';
import { SilencesService } from '../silences.service.js';
import { SILENCE_ID } from './fields.js';
import {
  SilenceDto,
  SilencePageDto,
  SilenceSettingsDto,
  SilencesQueryDto,
  toSilenceDto,
  toSilenceSettings,
} from './silences.dto.js';

const SilenceIdParam = (): MethodDecorator =>
  ApiParam({ name: 'silenceId', description: 'Id of the silence', example: SILENCE_ID });

@ApiTags('Silences')
@Controller('silences')
@Cost('cheap')
export class SilencesController {
  constructor(
    private readonly silences: SilencesService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Permit('silences:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Silence alerts',
    description:
      'While it lasts the alerts it matches are not told of: no message, no repetition, no escalation, no resolve. What is still on when it ends is told then. It ends by itself.',
  })
  @ApiCreatedResponse({ type: SilenceDto, description: 'The silence' })
  @ApiProblems(400, 403, 422)
  async create(@Caller() principal: Principal, @Body() body: SilenceSettingsDto): Promise<Plain<SilenceDto>> {
    return this.view(await this.silences.create(principal, toSilenceSettings(body, this.clock.now())));
  }

  @Get()
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'List silences', description: 'Those that have ended, too.' })
  @ApiOkResponse({ type: SilencePageDto, description: 'A page of silences' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: SilencesQueryDto): Promise<Plain<SilencePageDto>> {
    const { items, nextCursor } = await this.silences.list(scope, query.state, query.limit ?? 50, query.cursor);
    return { items: items.map((silence) => this.view(silence)), nextCursor };
  }

  @Get(':silenceId')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One silence', description: 'What it mutes, and until when.' })
  @SilenceIdParam()
  @ApiOkResponse({ type: SilenceDto, description: 'The silence' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('silenceId') silenceId: string): Promise<Plain<SilenceDto>> {
    return this.view(await this.silences.get(scope, silenceId));
  }

  @Put(':silenceId')
  @Permit('silences:write')
  @TargetMs(50)
  @ApiOperation({ summary: 'Replace a silence', description: 'All of it; an end that is near lifts it.' })
  @SilenceIdParam()
  @ApiOkResponse({ type: SilenceDto, description: 'The silence as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('silenceId') silenceId: string,
    @Body() body: SilenceSettingsDto,
  ): Promise<Plain<SilenceDto>> {
    return this.view(await this.silences.replace(principal, silenceId, toSilenceSettings(body, this.clock.now())));
  }

  @Delete(':silenceId')
  @Permit('silences:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete a silence', description: 'What it muted and is still on is told now.' })
  @SilenceIdParam()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  delete(@Caller() principal: Principal, @Param('silenceId') silenceId: string): Promise<void> {
    return this.silences.delete(principal, silenceId);
  }

  private view(silence: StoredSilence): Plain<SilenceDto> {
    return toSilenceDto(silence, this.silences.stateOf(silence));
  }
}
