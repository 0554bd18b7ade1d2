/** What went wrong, as the service says it (RFC 9457). */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, for a program. */
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly retryAfterSeconds?: number;
}

/** One change of a room. `data` brings new values, never differences. */
export interface Delta<Type extends string = string, Data = unknown> {
  readonly room: string;
  /** Changes when the service had to begin anew with its numbers. */
  readonly epoch: string;
  /** 1, 2, 3, ... within the epoch. */
  readonly seq: number;
  readonly type: Type;
  readonly data: Data;
  /** ISO 8601. */
  readonly at: string;
}

interface Position {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Answer to a subscribe. */
export type Answer =
  | { readonly problem: Problem }
  | (Position & { readonly snapshot: unknown })
  | (Position & { readonly deltas: readonly Delta[] });

/** One attempt, as a live run shows it. */
export interface LiveResult {
  readonly resultId: string;
  readonly testId: string;
  readonly suite: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'broken' | 'timeout' | 'skipped' | 'cancelled';
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs?: number;
  readonly message?: string;
}

/** State of a room `run:<runId>`, whole in every delta of it. */
export interface LiveRun {
  readonly runId: string;
  readonly project: string;
  readonly name?: string;
  readonly branch?: string;
  readonly status: 'running' | 'finished' | 'aborted';
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly updatedAt: string;
  readonly totals: Readonly<
    Record<
      'attempts' | 'executions' | 'passed' | 'failed' | 'broken' | 'timeout' | 'skipped' | 'cancelled' | 'flaky',
      number
    >
  >;
  readonly shardsSeen: readonly number[];
  readonly newest: readonly LiveResult[];
}

/** Why a widget has no figures. */
export interface WidgetProblem {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A widget's figures; `data` is as its type describes it in the OpenAPI document. */
export interface WidgetFigures {
  readonly data?: unknown;
  readonly error?: WidgetProblem;
  readonly range: { readonly from: string; readonly to: string; readonly timeZone: string } | null;
  readonly asOf: number | null;
}

export interface DashboardWidget extends WidgetFigures {
  readonly id: string;
  readonly type: string;
  readonly title: string | null;
  readonly options: unknown;
  readonly filter: unknown;
}

/** State of a room `dashboard:<dashboardId>`. */
export interface DashboardState {
  readonly dashboardId: string;
  readonly version: number;
  readonly name: string;
  readonly description: string | null;
  readonly timeZone: string;
  readonly refreshIntervalSeconds: number;
  readonly filter: unknown;
  readonly layout: unknown;
  readonly widgets: readonly DashboardWidget[];
}

export type DashboardDelta =
  | Delta<'widget:data', WidgetFigures & { readonly widgetId: string }>
  | Delta<'widget:as_of', { readonly widgets: readonly { readonly widgetId: string; readonly asOf: number }[] }>
  | Delta<'dashboard:changed', { readonly version: number }>
  | Delta<'dashboard:deleted', { readonly dashboardId: string }>;

type Severity = 'low' | 'medium' | 'high' | 'critical';

/** An alert as it stands; further fields are as the OpenAPI document describes `AlertDto`. */
export interface Alert {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly state: 'inactive' | 'pending' | 'firing' | 'recovering' | 'resolved';
  readonly since: string;
  readonly severity: Severity;
  readonly level: 'warning' | 'critical' | null;
  readonly value: number | null;
  readonly n: number;
  readonly groupText: string;
  readonly episode: number;
  readonly firingSince: string | null;
  readonly resolvedAt: string | null;
  readonly acknowledged: { readonly by: string; readonly until: string | null; readonly note: string | null } | null;
  readonly snoozed: { readonly by: string; readonly until: string } | null;
  readonly suppressed: { readonly by: 'silence' | 'inhibition'; readonly id: string } | null;
}

export interface AlertCounts {
  /** The worst level that is on. */
  readonly overall: 'ok' | 'warning' | 'critical' | 'unknown';
  readonly counts: {
    readonly byState: Readonly<Record<string, number>>;
    readonly bySeverity: Readonly<Record<string, number>>;
    readonly total: number;
  };
}

/** State of a room `alerts:<project>`. */
export interface AlertsState extends AlertCounts {
  readonly items: readonly Alert[];
}

export interface InboxMessage {
  readonly messageId: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly href: string | null;
  readonly projects: readonly string[];
  readonly createdAt: string;
  readonly readAt: string | null;
}

/** State of a room `inbox:me`. */
export interface InboxState {
  readonly unread: number;
  readonly items: readonly InboxMessage[];
}

export type InboxDelta =
  | Delta<'inbox.added', InboxMessage>
  | Delta<'inbox.marked', { readonly messageId: string; readonly readAt: string | null }>
  | Delta<'inbox.all_read', { readonly readAt: string }>
  | Delta<'inbox.removed', { readonly messageId: string }>;

/** State of a room `export:<jobId>`, whole in every delta of it. */
export interface ExportState {
  readonly jobId: string;
  readonly name: string;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled' | 'expired';
  readonly format: string;
  readonly progress: { readonly done: number; readonly total: number | null; readonly percent: number | null };
  readonly estimatedCompletion?: string;
  readonly error?: { readonly code: string; readonly detail: string };
}

/** What the kinds of rooms show and send; a program may declare further ones by merging. */
export interface RoomKinds {
  dashboard: {
    readonly snapshot: DashboardState;
    readonly delta: DashboardDelta;
  };
  run: {
    readonly snapshot: LiveRun;
    readonly delta: Delta<'run.started' | 'run.progress' | 'run.finished' | 'run.aborted', LiveRun>;
  };
  alerts: {
    readonly snapshot: AlertsState;
    readonly delta: Delta<'alert.changed', Alert> | Delta<'alerts.counted', AlertCounts>;
  };
  inbox: {
    readonly snapshot: InboxState;
    readonly delta: InboxDelta;
  };
  export: {
    readonly snapshot: ExportState;
    readonly delta: Delta<'export.changed', ExportState>;
  };
}

type KindOf<Room extends string> = Room extends `${infer Kind}:${string}` ? Kind : never;

export type SnapshotOf<Room extends string> =
  KindOf<Room> extends keyof RoomKinds ? RoomKinds[KindOf<Room>]['snapshot'] : unknown;

export type DeltaOf<Room extends string> =
  KindOf<Room> extends keyof RoomKinds ? RoomKinds[KindOf<Room>]['delta'] : Delta;
