import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { Caller, Permit } from '../access.decorators.js';
import type { Principal } from '../principal.js';
import { Cost } from '../rate-limit/cost.js';
import { AuditPageDto, AuditQueryDto } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@ApiTags('Audit log')
@Controller('audit-log')
@Permit('audit:read')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Cost('query')
  @TargetMs(100)
  @ApiOperation({
    summary: 'Who changed what',
    description:
      'Every change of projects, keys, rules and stored runs, newest first. The times are inclusive to exclusive.',
  })
  @ApiOkResponse({ type: AuditPageDto, description: 'A page of entries' })
  @ApiProblems(403, 422)
  list(@Caller() principal: Principal, @Query() query: AuditQueryDto): Promise<Plain<AuditPageDto>> {
    const { limit, cursor, from, to, ...rest } = query;
    const range = {
      ...(from === undefined ? {} : { from: new Date(from) }),
      ...(to === undefined ? {} : { to: new Date(to) }),
    };
    return this.audit.list(principal.scope, { ...rest, ...range }, limit ?? 50, cursor);
  }
}
