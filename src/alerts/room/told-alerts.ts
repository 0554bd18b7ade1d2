import type { AlertsStatus, AlertView } from '../alert-status.service.js';
import { toAlertDto } from '../http/status.mapper.js';

/** What is not as a room was told. */
export interface News {
  /** Alerts that are new, or have another version. */
  readonly changed: readonly AlertView[];
  /** Ids of alerts that are not shown any more. */
  readonly gone: readonly string[];
  /** An alert looks otherwise although its version is the same: what mutes it has changed. */
  readonly isOther: boolean;
  readonly isCountedAnew: boolean;
}

interface Told {
  readonly alerts: ReadonlyMap<string, { readonly version: number; readonly text: string }>;
  readonly counts: string;
}

/** What this node knows that the rooms of its sockets were told of alerts. */
export class ToldAlerts {
  private readonly rooms = new Map<string, Told>();

  has(key: string): boolean {
    return this.rooms.has(key);
  }

  /** @returns what is new of it; undefined where nothing was known of the room */
  learn(key: string, status: AlertsStatus): News | undefined {
    const [before, now] = [this.rooms.get(key), toldOf(status)];
    this.rooms.set(key, now);
    if (!before) return undefined;
    const sameVersion = ({ alert }: AlertView): boolean => before.alerts.get(alert.alertId)?.version === alert.version;
    return {
      changed: status.items.filter((one) => !sameVersion(one)),
      gone: [...before.alerts.keys()].filter((alertId) => !now.alerts.has(alertId)),
      isOther: status.items.some(
        (one) =>
          sameVersion(one) && before.alerts.get(one.alert.alertId)?.text !== now.alerts.get(one.alert.alertId)?.text,
      ),
      isCountedAnew: before.counts !== now.counts,
    };
  }

  /** Rooms that nobody here is in any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.rooms.keys()) if (!keys.has(key)) this.rooms.delete(key);
  }
}

const toldOf = ({ items, overall, counts }: AlertsStatus): Told => ({
  alerts: new Map(
    items.map((view) => [view.alert.alertId, { version: view.alert.version, text: JSON.stringify(toAlertDto(view)) }]),
  ),
  counts: JSON.stringify([overall, counts]),
});
