export const GAUGE_STATES = ['ok', 'warning', 'critical', 'unknown'] as const;
export type GaugeState = (typeof GAUGE_STATES)[number];

/** Where a value stands between thresholds; more is worse, except where more is better. */
export const gaugeState = (
  value: number | null,
  goodDirection: 'up' | 'down' | 'none',
  { warning, critical }: { readonly warning?: number; readonly critical?: number },
): GaugeState => {
  if (value === null || (warning === undefined && critical === undefined)) return 'unknown';
  const reaches = (threshold: number | undefined): boolean =>
    threshold !== undefined && (goodDirection === 'up' ? value <= threshold : value >= threshold);
  if (reaches(critical)) return 'critical';
  return reaches(warning) ? 'warning' : 'ok';
};
