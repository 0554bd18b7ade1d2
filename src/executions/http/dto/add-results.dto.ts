import { ApiProperty } from '@nestjs/swagger';
import { ResultRowDto } from './result-row.dto.js';

/** Describes the body; the rows go through the compiled validator. */
export class AddResultsDto {
  @ApiProperty({ description: 'Results', type: [ResultRowDto] })
  results: ResultRowDto[];
}
