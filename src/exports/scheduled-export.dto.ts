import { IntersectionType } from '@nestjs/swagger';
import { JobWindowDto } from '../reports/index.js';
import { CreateExportDto } from './http/export-request.dto.js';

/** Options of a scheduled export: what POST /exports takes, and a window in place of a time range. */
export class ScheduledExportDto extends IntersectionType(CreateExportDto, JobWindowDto) {}
