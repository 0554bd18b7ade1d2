import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock, DomainError, notFound } from '../common/index.js';
import { DashboardsService } from './dashboards.service.js';
import { arrangedIn, type Dashboard, type DashboardContent } from './domain/dashboard.js';
import { type DashboardTemplate, findTemplate } from './domain/templates.js';
import type { ExportedDashboardDto, FromTemplateDto, ImportDashboardDto } from './http/copies.dto.js';
import { toFilterView } from './http/dashboard.views.js';
import type { SaveContentDto, SaveWidgetDto } from './http/save-dashboard.dto.js';

export const EXPORT_FORMAT = 'execution-reporting.dashboard';

/** Dashboards made of templates and files, and files of dashboards. */
@Injectable()
export class CopiesService {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 404 for a template or project that is not there; 422 */
  async fromTemplate(
    principal: Principal,
    { templateId, name, projects, timeZone, ...access }: FromTemplateDto,
    dashboardId?: string,
  ): Promise<Dashboard> {
    const template = findTemplate(templateId);
    if (!template) throw notFound('Template');
    const { widgets, lg, lastDays, description } = template;
    const content = {
      name: name ?? template.name,
      description,
      filter: { ...(projects && { projects }), timeRange: { lastDays, ...(timeZone && { timeZone }) } },
      widgets: widgets.map(toSave),
      layout: { lg: lg.map((item) => ({ ...item })) },
    };
    return this.dashboards.create(
      principal,
      { ...content, ...access },
      'dashboard.created',
      { template: templateId },
      dashboardId,
    );
  }

  /** @throws DomainError 404; 422 with pointers into `dashboard` */
  async import(principal: Principal, { dashboard, name }: ImportDashboardDto): Promise<Dashboard> {
    try {
      return await this.dashboards.create(
        principal,
        Object.assign({}, dashboard, name && { name }),
        'dashboard.imported',
      );
    } catch (error) {
      if (!(error instanceof DomainError) || error.errors.length === 0) throw error;
      const errors = error.errors.map((problem) => ({ ...problem, pointer: `/dashboard${problem.pointer}` }));
      throw new DomainError(error.kind, error.code, error.message, { errors });
    }
  }

  /** What POST /dashboards/import takes: content, without owner and access. @throws DomainError 404 */
  async export(principal: Principal, dashboardId: string, version?: number): Promise<ExportedDashboardDto> {
    const { content } =
      version === undefined
        ? await this.dashboards.get(principal, dashboardId)
        : await this.dashboards.version(principal, dashboardId, version);
    const exportedAt = this.clock.now().toISOString();
    return { format: EXPORT_FORMAT, formatVersion: 1, exportedAt, dashboard: toInput(content) };
  }
}

const toSave = ({ options, filter, ...widget }: DashboardTemplate['widgets'][number]): SaveWidgetDto => ({
  ...widget,
  options: { ...options },
  ...(filter && { filter: { timeRange: { ...filter.timeRange } } }),
});

const toInput = (content: DashboardContent): SaveContentDto => ({
  name: content.name,
  ...(content.description !== undefined && { description: content.description }),
  filter: toFilterView(content.filter),
  refreshIntervalSeconds: content.refreshIntervalSeconds,
  widgets: content.widgets.map(({ filter, ...widget }) => ({ ...widget, filter: toFilterView(filter) })),
  layout: Object.fromEntries(
    Object.entries(arrangedIn(content)).map(([name, items]) => [name, items.map((item) => ({ ...item }))]),
  ),
});
