/** Documented limits of what comes in. Lengths are in UTF-16 code units, sizes in bytes. */
export const LIMITS = {
  fileBytes: 100 * 1024 * 1024,
  resultBytes: 1024 * 1024,
  resultsPerFile: 500_000,
  /** Of all files of one form together, packed and unpacked; all their rows are in memory until the last has come. */
  formBytes: 256 * 1024 * 1024,
  /** What one run holds; a form with CSV histories, which are many runs, brings no more either. */
  resultsPerForm: 1_000_000,
  smallFormBytes: 8 * 1024 * 1024,
  name: 1_000,
  suite: 1_000,
  file: 1_000,
  type: 100,
  label: 200,
  tags: 100,
  parameters: 100,
  mapKey: 200,
  mapValue: 1_000,
  errorType: 500,
  message: 64 * 1024,
  stack: 64 * 1024,
  steps: 1_000,
  stepText: 16 * 1024,
  stepWarnings: 100,
  /** What the read model's columns hold. */
  attempt: 65_535,
  /** 366 days. */
  durationMs: 366 * 86_400_000,
} as const;

/** Earliest startedAt; the latest is a day after now. */
export const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
export const AHEAD_MS = 86_400_000;
