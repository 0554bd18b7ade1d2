import { Controller, Headers, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { ImportService } from '../import.service.js';
import { ImportAnswerDto, ImportFormDto, ImportQueryDto, toImportAnswer } from './dto/import.dto.js';
import { parseRunMetadata } from './dto/parse-body.js';
import { bodyOfFields } from './import-fields.js';
import { checkedKey } from './run-key-source.js';
import { readUpload } from './upload-reader.js';

@ApiTags('Runs')
@Controller('runs')
export class ImportController {
  constructor(private readonly imports: ImportService) {}

  @Post('import')
  @HttpCode(200)
  @Permit('results:write')
  @Cost('ingest')
  @TargetMs(2000)
  @ApiOperation({
    summary: 'Import report files',
    description:
      'JUnit XML, CTRF JSON, NDJSON results and CSV histories, also packed with gzip; 100 MB a file, packed and unpacked, and 100 files ' +
      'with 256 MB and 1,000,000 results together (413 beyond); large forms may wait for one another (503 after half a minute). ' +
      'A file is read whole before anything of it is stored. Of several files the good ones stay and the bad ones carry their ' +
      'problem; when all are bad the answer is the problem. The files are one run together, but for a CSV history, which is one run per ' +
      'cycle. The run is the same run by externalId, else Idempotency-Key, else the content of the files.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Names the run where there is no externalId' })
  @ApiBody({ type: ImportFormDto })
  @ApiOkResponse({ type: ImportAnswerDto, description: 'What became of the files' })
  @ApiProblems(400, 403, 404, 409, 413, 415, 422, 503)
  async import(
    @Caller() principal: Principal,
    @Query() { project, format = 'auto', durationUnit = 'auto' }: ImportQueryDto,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<Plain<ImportAnswerDto>> {
    return this.imports.withForm(principal, async (form) => {
      const upload = await readUpload(request, form, (file) => this.imports.read(file, format, { durationUnit }, form));
      const fields = bodyOfFields(upload.fields);
      const metadata = await parseRunMetadata({ ...fields, ...(project === undefined ? {} : { project }) });
      const files = upload.files;
      const key = idempotencyKey === undefined ? undefined : checkedKey(idempotencyKey);
      return toImportAnswer(
        await this.imports.store(principal, { project: metadata.project, files, metadata, idempotencyKey: key }),
      );
    });
  }
}
