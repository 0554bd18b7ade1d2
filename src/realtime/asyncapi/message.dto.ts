import { ApiProperty, OmitType } from '@nestjs/swagger';
import { ProblemDto } from '../../common/index.js';

const ROOM = { description: 'As the subscriber named it', example: 'run:6650c0ffee6650c0ffee0001' } as const;
const EPOCH = { description: 'Changes when the numbers of the room begin anew', example: '5b0f7a52-9d5e' } as const;

/** A socket has no path and no request. */
class SocketProblemDto extends OmitType(ProblemDto, ['instance', 'requestId'] as const) {}

class PositionDto {
  @ApiProperty(ROOM)
  room: string;

  @ApiProperty(EPOCH)
  epoch: string;

  @ApiProperty({ description: 'Number of the newest delta that the answer contains', example: 41 })
  seq: number;
}

export class SnapshotAnswerDto extends PositionDto {
  @ApiProperty({
    description: 'The whole state, of the shape that the kind of room says',
    type: 'object',
    additionalProperties: true,
    example: {},
  })
  snapshot: object;
}

/** A delta of any kind of room; each kind says what `type` and `data` are. */
export class DeltaDto {
  @ApiProperty(ROOM)
  room: string;

  @ApiProperty(EPOCH)
  epoch: string;

  @ApiProperty({ description: '1, 2, 3, ... within the epoch', example: 42 })
  seq: number;

  @ApiProperty({ description: 'What has happened', example: 'run.progress' })
  type: string;

  @ApiProperty({ description: 'The new values', type: 'object', additionalProperties: true, example: {} })
  data: object;

  @ApiProperty({ description: 'When it was published', format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  at: string;
}

export class DeltasAnswerDto extends PositionDto {
  @ApiProperty({ description: 'Everything after `lastSeq`, in order', type: [DeltaDto] })
  deltas: readonly DeltaDto[];
}

export class ProblemAnswerDto {
  @ApiProperty({ description: 'What is wrong', type: SocketProblemDto })
  problem: SocketProblemDto;
}

export class UnsubscribedDto {
  @ApiProperty(ROOM)
  room: string;
}

export class RefreshedDto {
  @ApiProperty({
    description: 'The end of the new token',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-03-01T10:30:00.000Z',
  })
  expiresAt: string | null;
}

export class ResyncDto {
  @ApiProperty({ ...ROOM, description: 'The room; every room of the socket where it is absent', required: false })
  room?: string;
}

export class DroppedDto {
  @ApiProperty(ROOM)
  room: string;

  @ApiProperty({ description: 'Why', type: SocketProblemDto })
  problem: SocketProblemDto;
}

export class ExpiringDto {
  @ApiProperty({ description: 'The end of the token', format: 'date-time', example: '2026-03-01T09:30:00.000Z' })
  expiresAt: string;
}

export class EndedDto {
  @ApiProperty({
    description: 'Why: `token_expired`, `credential_revoked`, `key_revoked`, ...',
    type: SocketProblemDto,
  })
  problem: SocketProblemDto;
}
