import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems, Clock, PageQueryDto, type Plain, TargetMs } from '../../common/index.js';
import { Caller, Permit } from '../access.decorators.js';
import type { Principal } from '../principal.js';
import { Cost } from '../rate-limit/cost.js';
import { ApiKeyPageDto, CreateApiKeyDto, CreatedApiKeyDto, toApiKeyDto } from './api-key.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('API keys')
@Controller('api-keys')
@Permit('keys:manage')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Cost('auth')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Make an API key',
    description:
      'For CI jobs. The answer carries the key this once; it is stored hashed. It can do no more than you can.',
  })
  @ApiCreatedResponse({ type: CreatedApiKeyDto, description: 'The key, shown this once' })
  @ApiProblems(400, 403, 422)
  async create(@Caller() principal: Principal, @Body() body: CreateApiKeyDto): Promise<Plain<CreatedApiKeyDto>> {
    const { expiresAt, ...rest } = body;
    const input = { ...rest, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }) };
    const { key, text } = await this.keys.create(principal, input);
    return { ...toApiKeyDto(key, this.clock.now()), key: text };
  }

  @Get()
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List API keys',
    description: 'Newest first, with the revoked and the expired; never the keys themselves.',
  })
  @ApiOkResponse({ type: ApiKeyPageDto, description: 'A page of keys' })
  @ApiProblems(403, 422)
  async list(@Caller() principal: Principal, @Query() query: PageQueryDto): Promise<Plain<ApiKeyPageDto>> {
    const { items, nextCursor } = await this.keys.list(principal, query.limit ?? 50, query.cursor);
    const now = this.clock.now();
    return { items: items.map((key) => toApiKeyDto(key, now)), nextCursor };
  }

  @Delete(':keyId')
  @Cost('auth')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Revoke an API key',
    description: 'It is refused from the next request on. Again: nothing changes.',
  })
  @ApiParam({ name: 'keyId', description: 'Id of the key', example: '9f86d081884c7d65' })
  @ApiNoContentResponse({ description: 'Revoked' })
  @ApiProblems(403, 404)
  async revoke(@Caller() principal: Principal, @Param('keyId') keyId: string): Promise<void> {
    await this.keys.revoke(principal, keyId);
  }
}
