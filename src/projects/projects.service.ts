import { Inject, Injectable, Optional } from '@nestjs/common';
import { AuditService, may, type Principal } from '../auth/index.js';
import {
  Clock,
  decodeCursor,
  DomainError,
  encodeCursor,
  invalid,
  isSlug,
  mayTouchProject,
  notFound,
  type Page,
  type Scope,
} from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { DEFINITION_CHANGED, type DefinitionChangedHook } from './definition-changed.js';
import {
  changesDefinition,
  DEFAULT_TIME_ZONE,
  type Project,
  type ProjectChanges,
  type ProjectSettings,
  realChanges,
} from './project.js';
import { ProjectsRepository } from './projects.repository.js';

export interface ProjectSelection {
  readonly projects?: readonly string[];
  readonly teams?: readonly string[];
}

@Injectable()
export class ProjectsService {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Optional() @Inject(DEFINITION_CHANGED) private readonly hook?: DefinitionChangedHook,
  ) {}

  /** @throws DomainError 409 `project_exists`; 403 `project_not_yours` for a caller confined to other projects. */
  async create(principal: Principal, settings: ProjectSettings): Promise<Project> {
    if (!mayTouchProject(principal.scope, settings.key))
      throw new DomainError('forbidden', 'project_not_yours', 'Your token or key is confined to other projects');
    const project = await this.insert(principal, settings);
    if (project === undefined)
      throw new DomainError('conflict', 'project_exists', `There is a project "${settings.key}" already`);
    return project;
  }

  /** @throws DomainError 404: not there, or not the caller's. */
  async findByKey(scope: Scope, key: string): Promise<Project> {
    const project = isSlug(key) ? await this.projects.findByKey(scope, key) : undefined;
    if (project === undefined) throw notFound('Project');
    return project;
  }

  /**
   * The project that results are posted to; made on the first post where the caller may make projects.
   * @throws DomainError 404 for a project outside the caller's, 422 `unknown_project` with `command`.
   */
  async requireForIngest(principal: Principal, key: string): Promise<Project> {
    if (!isSlug(key)) throw invalid('validation_failed', 'Some fields are not valid', [NOT_A_KEY]);
    if (!mayTouchProject(principal.scope, key)) throw notFound('Project');
    const found = await this.projects.findByKey(principal.scope, key);
    if (found !== undefined) return found;
    if (!may(principal, 'projects:write')) throw this.unknownProject(key);
    // undefined: another request made it in between
    return (
      (await this.insert(principal, { key, name: key, timeZone: DEFAULT_TIME_ZONE })) ??
      this.findByKey(principal.scope, key)
    );
  }

  /**
   * All projects of the organization that the caller may see and that match, by key. A key that names nothing visible
   * is a mistake worth saying (404); a team without projects is an empty answer.
   */
  async resolve(scope: Scope, { projects, teams }: ProjectSelection = {}): Promise<Project[]> {
    const found = await this.projects.findAll(scope, projects);
    const known = new Set(found.map((project) => project.key));
    const unknown = projects?.find((key) => !known.has(key));
    if (unknown !== undefined) throw notFound(`Project "${unknown}"`);
    return teams === undefined ? found : found.filter(({ team }) => team !== undefined && teams.includes(team));
  }

  /** Those of the ids that the caller may see, by key. */
  getByIds(scope: Scope, ids: readonly string[]): Promise<Project[]> {
    return this.projects.findByIds(scope, ids);
  }

  async list(
    scope: Scope,
    teams: readonly string[] | undefined,
    limit: number,
    cursor?: string,
  ): Promise<Page<Project>> {
    const after = cursor === undefined ? undefined : String(decodeCursor(cursor, 1)[0]);
    const found = await this.projects.findPage(scope, teams, limit + 1, after);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last !== undefined ? encodeCursor([last.key]) : null };
  }

  /** Fields left out stay. A change of what answers depend on moves the read model's data version. */
  async update(principal: Principal, key: string, wanted: ProjectChanges): Promise<Project> {
    const before = await this.findByKey(principal.scope, key);
    const changes = realChanges(before, wanted);
    if (Object.keys(changes).length === 0) return before;
    const newDefinition = changesDefinition(changes);
    const options = { now: this.clock.now(), newDefinition };
    const project = await this.projects.update(principal.scope, key, changes, options);
    if (project === undefined) throw notFound('Project');
    await this.audit.record(principal, 'project.updated', target(project), { ...changes });
    if (newDefinition) await this.hook?.definitionChanged(project);
    return project;
  }

  private async insert(principal: Principal, settings: ProjectSettings): Promise<Project | undefined> {
    const now = this.clock.now();
    const project = await this.projects.insert(principal.scope, settings, principal.subject, now);
    if (project !== undefined) await this.audit.record(principal, 'project.created', target(project), { ...settings });
    return project;
  }

  private unknownProject(key: string): DomainError {
    const body = JSON.stringify({ key, name: key });
    const address = `http://localhost:${this.config.port}/api/v1/execution-reporting/projects`;
    const headers = `-H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"`;
    return new DomainError('invalid', 'unknown_project', `There is no project "${key}", and you may not create it`, {
      errors: [{ pointer: '/project', detail: 'is the key of no project' }],
      extensions: { command: `curl -X POST ${address} ${headers} -d '${body}'` },
    });
  }
}

const NOT_A_KEY = {
  pointer: '/project',
  detail: 'must be 1 to 64 characters of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit',
};

const target = (project: Project): { type: string; id: string; projectKey: string } => ({
  type: 'project',
  id: project.key,
  projectKey: project.key,
});
