import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope } from '../common/index.js';
import { ProjectsService } from '../projects/index.js';
import { BUILTIN_GATE, type GateDefinition } from './domain/gate.js';
import { type Gate, type GateSettings, GatesRepository } from './persistence/gates.repository.js';

/** Gates as people define them. */
@Injectable()
export class GatesService {
  constructor(
    private readonly gates: GatesRepository,
    private readonly projects: ProjectsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 409 `gate_exists`; 403 `organization_gate`; 404 for a project that is not the caller's */
  async create(principal: Principal, settings: GateSettings): Promise<Gate> {
    await this.mayChange(principal.scope, settings.project);
    const gate = await this.gates.insert(principal.scope, settings, principal.subject, this.clock.now());
    if (!gate) throw taken(settings.project);
    await this.audit.record(principal, 'quality_gate.created', target(gate), { ...settings });
    return gate;
  }

  list(scope: Scope, project: string | undefined, limit: number, cursor?: string): Promise<Page<Gate>> {
    return this.gates.list(scope, project, limit, cursor);
  }

  async get(scope: Scope, gateId: string): Promise<Gate> {
    const gate = await this.gates.find(scope, gateId);
    if (!gate) throw notFound('Quality gate');
    return gate;
  }

  async replace(principal: Principal, gateId: string, settings: GateSettings): Promise<Gate> {
    const { project } = await this.get(principal.scope, gateId);
    await this.mayChange(principal.scope, project);
    await this.mayChange(principal.scope, settings.project);
    const gate = await this.gates.replace(principal.scope, gateId, settings, this.clock.now());
    if (gate === 'taken') throw taken(settings.project);
    if (!gate) throw notFound('Quality gate');
    await this.audit.record(principal, 'quality_gate.updated', target(gate), { ...settings, version: gate.version });
    return gate;
  }

  async delete(principal: Principal, gateId: string): Promise<void> {
    const gate = await this.get(principal.scope, gateId);
    await this.mayChange(principal.scope, gate.project);
    if (!(await this.gates.remove(principal.scope, gateId))) throw notFound('Quality gate');
    await this.audit.record(principal, 'quality_gate.deleted', target(gate), { name: gate.name });
  }

  /**
   * The gate that judges a project: the one asked for, the project's own, the organization's, the built-in one.
   * @throws DomainError 404 for one that is not there, or belongs to another project
   */
  async forProject(scope: Scope, project: string, gateId?: string): Promise<GateDefinition> {
    if (gateId === undefined) return (await this.gates.effective(scope, project)) ?? BUILTIN_GATE;
    if (gateId === BUILTIN_GATE.gateId) return BUILTIN_GATE;
    const gate = await this.get(scope, gateId);
    if (gate.project !== undefined && gate.project !== project) throw notFound('Quality gate');
    return gate;
  }

  private async mayChange(scope: Scope, project: string | undefined): Promise<void> {
    if (project !== undefined) await this.projects.findByKey(scope, project);
    else if (scope.projects !== 'all')
      throw new DomainError(
        'forbidden',
        'organization_gate',
        'A gate of the whole organization is not yours to change',
      );
  }
}

const taken = (project: string | undefined): DomainError =>
  new DomainError(
    'conflict',
    'gate_exists',
    `${project === undefined ? 'The organization' : `The project "${project}"`} has a gate that is enabled already`,
  );

const target = ({ gateId, project }: Gate): { type: string; id: string; projectKey?: string } => ({
  type: 'quality_gate',
  id: gateId,
  ...(project !== undefined && { projectKey: project }),
});
