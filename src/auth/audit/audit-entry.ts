import type { Principal } from '../principal.js';

/** What was changed. `projectKey` is set where it belongs to a project: it decides who may read the entry. */
export interface AuditTarget {
  /** snake_case kind of thing: `project`, `api_key`, `run`. */
  readonly type: string;
  readonly id: string;
  readonly projectKey?: string;
}

/** A caller, or the service itself (`systemActor`). */
export type AuditActor = Pick<Principal, 'subject' | 'name' | 'organization'> & {
  readonly kind: Principal['kind'] | 'system';
};

/** For what the service does by itself: retention, sweeps. */
export const systemActor = (organization: string): AuditActor => ({
  subject: 'system',
  name: 'The service',
  organization,
  kind: 'system',
});

export interface AuditEntry {
  readonly entryId: string;
  readonly at: Date;
  readonly actor: { readonly subject: string; readonly name: string; readonly kind: AuditActor['kind'] };
  readonly action: string;
  readonly target: AuditTarget;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  /** `type`, or `type:id`. */
  readonly target?: string;
  readonly from?: Date;
  readonly to?: Date;
}
