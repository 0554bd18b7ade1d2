import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601 } from 'class-validator';
import { IsText, type Plain } from '../../common/index.js';
import type { Share } from '../domain/share.js';
import { API_BASE } from '../widgets/links.js';
import { Instant, Text } from '../widgets/fields.js';
import { MayBeLeftOut } from './save-dashboard.dto.js';

export const SHARE_ID = '6650c0ffee6650c0ffee0005';
const TOKEN = 'ers_share_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE';

export class CreateShareDto {
  @ApiProperty({
    description: 'Whom it is for, so that it can be found again',
    maxLength: 200,
    example: 'Screen in the hall',
  })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({
    description: 'When it stops to work: at most a year ahead; in 30 days without it',
    format: 'date-time',
    type: String,
  })
  @MayBeLeftOut()
  @IsISO8601({ strict: true }, { message: 'expiresAt must be an ISO 8601 time' })
  expiresAt?: string;
}

export class ShareLinkDto {
  @Text('Id of the share link', SHARE_ID)
  shareId: string;

  @Text('Whom it is for', 'Screen in the hall')
  name: string;

  @Text('Subject of who made it', 'ann')
  sharedBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it stops to work')
  expiresAt: Date;
}

export class NewShareDto extends ShareLinkDto {
  @Text('What opens the dashboard: shown now and never again', TOKEN)
  token: string;

  @Text('The dashboard, for whoever holds this', `${API_BASE}/shared/dashboards/${TOKEN}`)
  href: string;
}

export class SharesDto {
  @ApiProperty({ description: 'Newest first; revoked ones are gone', type: [ShareLinkDto] })
  items: readonly ShareLinkDto[];
}

export const toShareView = ({ shareId, name, sharedBy, createdAt, expiresAt }: Share): Plain<ShareLinkDto> => ({
  ...{ shareId, name, createdAt, expiresAt },
  sharedBy: sharedBy.subject,
});
