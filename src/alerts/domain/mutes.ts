import { type Labels, type Matcher, matchesAll } from './labels.js';

export interface Silence {
  readonly silenceId: string;
  readonly matchers: readonly Matcher[];
  /** From, included, to, excluded: it needs nobody to end it. */
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export interface InhibitionRule {
  readonly inhibitionRuleId: string;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  /** Labels that source and target must agree in; one that neither has agrees. */
  readonly equal: readonly string[];
}

/** An alert as mutes see it. */
export interface Mutable {
  readonly alertId: string;
  readonly labels: Labels;
}

/** Why an alert is not told of. */
export interface Mute {
  readonly by: 'silence' | 'inhibition';
  readonly id: string;
  /** The alert that inhibits it. */
  readonly source?: string;
}

export interface MuteRules {
  readonly silences: readonly Silence[];
  readonly inhibitions: readonly InhibitionRule[];
  /** Alerts that are firing now: they may inhibit others. */
  readonly firing: readonly Mutable[];
}

export const isSilenced = ({ startsAt, endsAt, matchers }: Silence, labels: Labels, now: Date): boolean =>
  startsAt <= now && now < endsAt && matchesAll(matchers, labels);

const agree = (labels: readonly string[], a: Labels, b: Labels): boolean =>
  labels.every((label) => (a[label] ?? '') === (b[label] ?? ''));

const inhibitionOf = (alert: Mutable, { inhibitions, firing }: MuteRules): Mute | undefined => {
  for (const { inhibitionRuleId, source, target, equal } of inhibitions) {
    if (!matchesAll(target, alert.labels)) continue;
    // what is a source as well would mute others of its kind in a circle: it stays loud, as with Alertmanager
    if (matchesAll(source, alert.labels)) continue;
    const found = firing.find(
      (other) =>
        other.alertId !== alert.alertId && matchesAll(source, other.labels) && agree(equal, other.labels, alert.labels),
    );
    if (found) return { by: 'inhibition', id: inhibitionRuleId, source: found.alertId };
  }
  return undefined;
};

/** What mutes an alert now; undefined where it is told of. A silence goes before an inhibition. */
export const muteOf = (alert: Mutable, rules: MuteRules, now: Date): Mute | undefined => {
  const silence = rules.silences.find((one) => isSilenced(one, alert.labels, now));
  return silence ? { by: 'silence', id: silence.silenceId } : inhibitionOf(alert, rules);
};
