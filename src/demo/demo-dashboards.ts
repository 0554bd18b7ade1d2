import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/index.js';
import { CopiesService, DashboardsService, EXAMPLE_DASHBOARD_ID, TEMPLATES } from '../dashboards/index.js';
import { demoPrincipal } from './demo-principal.js';
import { DEMO_PROJECT } from './domain/generate-demo.js';

const FIRST_ID = BigInt(`0x${EXAMPLE_DASHBOARD_ID}`);
/** Between two ids, so that those of other examples stay free. */
const STEP = 0x10n;

/** One dashboard of each template over the demo; the first has the id that the documentation names. */
@Injectable()
export class DemoDashboards {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly copies: CopiesService,
  ) {}

  /** Can be repeated: their ids are always the same. */
  async ensure(): Promise<void> {
    for (const [i, { templateId }] of TEMPLATES.entries()) {
      const dashboardId = (FIRST_ID + BigInt(i) * STEP).toString(16);
      if (await this.isThere(dashboardId)) continue;
      const content = { templateId, projects: [DEMO_PROJECT], visibility: 'organization' } as const;
      await this.copies.fromTemplate(demoPrincipal(), { ...content, projects: [...content.projects] }, dashboardId);
    }
  }

  /** Those of the demo, whatever has become of them; copies belong to who made them. */
  async remove(): Promise<void> {
    const { subject } = demoPrincipal();
    const { items } = await this.dashboards.list(demoPrincipal(), { owner: subject, limit: 200 });
    for (const { dashboardId } of items) await this.dashboards.remove(demoPrincipal(), dashboardId);
  }

  private async isThere(dashboardId: string): Promise<boolean> {
    try {
      await this.dashboards.get(demoPrincipal(), dashboardId);
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'not_found') return false;
      throw error;
    }
  }
}
