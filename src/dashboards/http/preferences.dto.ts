import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsMongoId, IsOptional, Max, Min } from 'class-validator';
import { IsTimeZone } from '../../common/index.js';
import { DENSITIES, THEMES } from '../domain/preferences.js';
import { DASHBOARD_ID } from './dashboard.dto.js';

export class DashboardPreferencesDto {
  @ApiPropertyOptional({ description: 'Dashboard to begin with', example: DASHBOARD_ID })
  defaultDashboardId?: string;

  @ApiPropertyOptional({ description: 'Colours', enum: THEMES, example: 'dark' })
  theme?: (typeof THEMES)[number];

  @ApiPropertyOptional({ description: 'Room between things', enum: DENSITIES, example: 'compact' })
  density?: (typeof DENSITIES)[number];

  @ApiPropertyOptional({ description: 'IANA zone of dashboards that name none', example: 'Europe/Berlin' })
  timeZone?: string;

  @ApiPropertyOptional({ description: 'Refresh of clients without a socket, whatever the dashboard says', example: 30 })
  refreshIntervalSeconds?: number;
}

/** null takes a preference back. */
export class SaveDashboardPreferencesDto {
  @ApiPropertyOptional({ description: 'Dashboard to begin with', type: String, nullable: true, example: DASHBOARD_ID })
  @IsOptional()
  @IsMongoId()
  defaultDashboardId?: string | null;

  @ApiPropertyOptional({
    description: 'Colours',
    enum: [...THEMES, null],
    nullable: true,
    type: String,
    example: 'dark',
  })
  @IsOptional()
  @IsIn(THEMES)
  theme?: (typeof THEMES)[number] | null;

  @ApiPropertyOptional({
    description: 'Room between things',
    enum: [...DENSITIES, null],
    nullable: true,
    type: String,
    example: 'compact',
  })
  @IsOptional()
  @IsIn(DENSITIES)
  density?: (typeof DENSITIES)[number] | null;

  @ApiPropertyOptional({
    description: 'IANA zone of dashboards that name none',
    type: String,
    nullable: true,
    example: 'Europe/Berlin',
  })
  @IsOptional()
  @IsTimeZone()
  timeZone?: string | null;

  @ApiPropertyOptional({
    description: 'Refresh of clients without a socket, whatever the dashboard says',
    type: Number,
    nullable: true,
    minimum: 5,
    maximum: 86_400,
    example: 30,
  })
  @IsOptional()
  @IsInt()
  @Min(5)
  @Max(86_400)
  refreshIntervalSeconds?: number | null;
}
