const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const DURATION = /^(\d{1,6})([smhd])$/;

/** Ms of `30s`, `5m`, `4h` or `7d`; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as Unit] : undefined;
};

/** The shortest way to write it: 90 minutes are `90m`, 2 hours `2h`. */
export const formatDuration = (ms: number): string => {
  const unit = (['d', 'h', 'm'] as const).find((name) => ms > 0 && ms % UNITS[name] === 0) ?? 's';
  return `${Math.round(ms / UNITS[unit])}${unit}`;
};
