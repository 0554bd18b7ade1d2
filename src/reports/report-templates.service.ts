import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, mayTouchProject, notFound, type Page, type Scope } from '../common/index.js';
import { projectsNamed, type ReportTemplate, type TemplateSettings } from './domain/template.js';
import { TemplatesRepository } from './persistence/templates.repository.js';

@Injectable()
export class ReportTemplatesService {
  constructor(
    private readonly templates: TemplatesRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 404 for a project outside the caller's; 409 `template_exists` */
  async create(principal: Principal, settings: TemplateSettings): Promise<ReportTemplate> {
    checkProjects(principal.scope, settings);
    const template = await this.templates.insert(principal.scope, settings, principal.subject, this.clock.now());
    await this.record(principal, 'report_template.created', template);
    return template;
  }

  /** Replaces it whole. @throws DomainError 404; 409 `template_exists` */
  async replace(principal: Principal, templateId: string, settings: TemplateSettings): Promise<ReportTemplate> {
    checkProjects(principal.scope, settings);
    const template = await this.templates.replace(principal.scope, templateId, settings, this.clock.now());
    if (!template) throw notFound('Report template');
    await this.record(principal, 'report_template.updated', template);
    return template;
  }

  /** @throws DomainError 404: not there, or it names a project that the caller may not see */
  async find(scope: Scope, templateId: string): Promise<ReportTemplate> {
    const template = await this.templates.find(scope, templateId);
    if (!template) throw notFound('Report template');
    return template;
  }

  list(scope: Scope, limit: number, cursor?: string): Promise<Page<ReportTemplate>> {
    return this.templates.list(scope, limit, cursor);
  }

  /** @throws DomainError 404 */
  async remove(principal: Principal, templateId: string): Promise<void> {
    const template = await this.templates.remove(principal.scope, templateId);
    if (!template) throw notFound('Report template');
    await this.record(principal, 'report_template.deleted', template);
  }

  private record(principal: Principal, action: string, { templateId, name }: ReportTemplate): Promise<void> {
    return this.audit.record(principal, action, { type: 'report_template', id: templateId }, { name });
  }
}

const checkProjects = (scope: Scope, { request }: TemplateSettings): void => {
  const foreign = projectsNamed(request).find((key) => !mayTouchProject(scope, key));
  if (foreign !== undefined) throw notFound(`Project ${foreign}`);
};
