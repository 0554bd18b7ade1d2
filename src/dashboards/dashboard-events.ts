import { Injectable, Logger } from '@nestjs/common';

/** Something has become of a dashboard; after it was stored. */
export type DashboardEvent =
  | { readonly kind: 'changed'; readonly dashboardId: string; readonly organization: string; readonly version: number }
  | { readonly kind: 'deleted'; readonly dashboardId: string; readonly organization: string }
  | {
      readonly kind: 'unshared';
      readonly dashboardId: string;
      readonly organization: string;
      readonly shareId: string;
    };

type Listener = (event: DashboardEvent) => void | Promise<void>;

/** Hints for those who watch dashboards in this process; nobody waits for them, and nothing hangs on them. */
@Injectable()
export class DashboardEvents {
  private readonly logger = new Logger(DashboardEvents.name);
  private readonly listeners = new Set<Listener>();

  /** @returns takes it off again */
  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  emit(event: DashboardEvent): void {
    for (const listener of this.listeners)
      Promise.resolve()
        .then(() => listener(event))
        .catch((error: unknown) => this.logger.error({ err: error }, 'a listener of dashboards failed'));
  }
}
