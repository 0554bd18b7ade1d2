import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../common/index.js';
import { DEFAULT_TIME_ZONE, type ProjectChanges, type ProjectSettings } from './project.js';
import {
  CreateProjectDto,
  ProjectDto,
  ProjectPageDto,
  ProjectsQueryDto,
  toProjectDto,
  UpdateProjectDto,
} from './project.dto.js';
import { ProjectsService } from './projects.service.js';

@ApiTags('Projects')
@Controller('projects')
@Cost('cheap')
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Post()
  @Permit('projects:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create a project',
    description: 'Results are posted to a project. Who may create projects creates one also by posting to a new key.',
  })
  @ApiCreatedResponse({ type: ProjectDto, description: 'The project' })
  @ApiProblems(400, 403, 409, 422)
  async create(@Caller() principal: Principal, @Body() body: CreateProjectDto): Promise<Plain<ProjectDto>> {
    return toProjectDto(await this.projects.create(principal, settingsOf(body)));
  }

  @Get()
  @Permit('projects:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'List projects', description: 'Those that the caller may see, by key.' })
  @ApiOkResponse({ type: ProjectPageDto, description: 'A page of projects' })
  @ApiProblems(403, 422)
  async list(@Caller() principal: Principal, @Query() query: ProjectsQueryDto): Promise<Plain<ProjectPageDto>> {
    const page = await this.projects.list(principal.scope, query.team, query.limit ?? 50, query.cursor);
    return { items: page.items.map(toProjectDto), nextCursor: page.nextCursor };
  }

  @Get(':projectKey')
  @Permit('projects:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One project', description: 'Its settings.' })
  @ApiParam({ name: 'projectKey', description: 'Key of the project', example: 'demo' })
  @ApiOkResponse({ type: ProjectDto, description: 'The project' })
  @ApiProblems(403, 404)
  async get(@Caller() principal: Principal, @Param('projectKey') key: string): Promise<Plain<ProjectDto>> {
    return toProjectDto(await this.projects.findByKey(principal.scope, key));
  }

  @Patch(':projectKey')
  @Permit('projects:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Change a project',
    description:
      'Fields left out stay; null sets a field back. A new team, zone, weights, bands or limits show in the next answer.',
  })
  @ApiParam({ name: 'projectKey', description: 'Key of the project', example: 'demo' })
  @ApiOkResponse({ type: ProjectDto, description: 'The project as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async update(
    @Caller() principal: Principal,
    @Param('projectKey') key: string,
    @Body() body: UpdateProjectDto,
  ): Promise<Plain<ProjectDto>> {
    return toProjectDto(await this.projects.update(principal, key, changesOf(body)));
  }
}

const settingsOf = ({ key, name, timeZone, ...optional }: CreateProjectDto): ProjectSettings => ({
  key,
  name,
  timeZone: timeZone ?? DEFAULT_TIME_ZONE,
  ...withoutNull(optional),
});

type OptionalFields = 'description' | 'team' | 'retentionDays' | 'qualityWeights' | 'qualityBands' | 'qualityLimits';

const withoutNull = (fields: Pick<ProjectChanges, OptionalFields>): Pick<ProjectSettings, OptionalFields> =>
  Object.fromEntries(Object.entries(plain(fields)).filter(([, value]) => value !== null && value !== undefined));

const changesOf = (body: UpdateProjectDto): ProjectChanges => plain(body);

/** Weights, bands and limits arrive as instances of their DTOs; what is stored and compared are plain objects. */
const plain = (fields: ProjectChanges): ProjectChanges =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => [name, isNested(value) ? given(value) : value]),
  );

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

const given = (dto: object): object =>
  Object.fromEntries(Object.entries(dto).filter(([, value]) => value !== undefined));
