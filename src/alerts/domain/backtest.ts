import { isOpen } from './alert.js';
import type { Figure } from './judge.js';
import type { AlertChange, RuleOutcome } from './plan-changes.js';
import { planChanges, policyOf } from './plan-changes.js';
import type { AlertRule, Group, Level } from './rule.js';
import type { StoredAlert } from './stored-alert.js';

/** An alert as it would have been. */
export interface BacktestAlert {
  readonly group: Group;
  readonly groupText: string;
  readonly firedAt: Date;
  /** null: it would still be on. */
  readonly resolvedAt: Date | null;
  readonly resolveReason: string | null;
  /** The worst level it reached. */
  readonly level: Level;
  /** When it fired. */
  readonly figure: Figure | null;
}

export interface BacktestFigures {
  readonly withoutData: number;
  readonly errors: number;
  readonly firstError?: string;
  readonly alerts: readonly BacktestAlert[];
}

type Draft = { -readonly [K in keyof BacktestAlert]: BacktestAlert[K] };

/** Feeds the outcomes of a rule, in order, through the same plan as live ones, and keeps what would have been told. */
export class Backtester {
  private readonly alerts = new Map<string, StoredAlert>();
  private readonly found: Draft[] = [];
  private readonly on = new Map<string, Draft>();
  private withoutData = 0;
  private errors = 0;
  private firstError: string | undefined;
  private ids = 0;

  constructor(private readonly rule: AlertRule) {}

  step(outcome: RuleOutcome, at: Date): void {
    if (outcome.kind === 'error') {
      this.errors++;
      this.firstError ??= outcome.detail;
    } else if (outcome.readings.length === 0) this.withoutData++;
    const context = { policy: policyOf(this.rule, undefined), at, newId: () => String(++this.ids) };
    const { changes, quiet } = planChanges(this.rule, outcome, [...this.alerts.values()], context);
    for (const alert of quiet) this.alerts.set(alert.groupKey, alert);
    for (const change of changes) {
      this.alerts.set(change.after.groupKey, change.after);
      this.note(change, at);
    }
  }

  finish(): BacktestFigures {
    const { withoutData, errors, firstError } = this;
    return { withoutData, errors, ...(firstError !== undefined && { firstError }), alerts: this.found };
  }

  private note({ before, after }: AlertChange, at: Date): void {
    const { state, groupKey, group, groupText } = after;
    if (isOpen(state) && state.episode !== (before?.state.episode ?? 0)) {
      const level = state.level ?? 'critical';
      const draft = { group, groupText, firedAt: at, resolvedAt: null, resolveReason: null, level };
      this.on.set(groupKey, { ...draft, figure: state.figure ?? null });
      this.found.push(this.on.get(groupKey)!);
    }
    const current = this.on.get(groupKey);
    if (!current) return;
    if (isOpen(state) && state.level === 'critical') current.level = 'critical';
    if (state.status !== 'resolved') return;
    Object.assign(current, { resolvedAt: at, resolveReason: state.resolveReason ?? null });
    this.on.delete(groupKey);
  }
}
