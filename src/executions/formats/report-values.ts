import { LIMITS } from '../domain/limits.js';
import type { ResultStatus } from '../domain/model.js';

const PLAIN = /^\d*\.?\d+(?:e[-+]?\d{1,3})?$|^\d+\.$/i;
const GROUPED = /^[1-9]\d{0,2}(?:,\d{3})+\.\d*$|^[1-9]\d{0,2}(?:,\d{3}){2,}$/;
const GROUPED_BY_POINTS = /^[1-9]\d{0,2}(?:\.\d{3})+,\d*$|^[1-9]\d{0,2}(?:\.\d{3}){2,}$/;
/** `1,5` and `0,123` can only be decimals; `1,234` can be both, so it is not one of these. */
const DECIMAL_COMMA = /^(?:\d+,(?!\d{3}$)\d+|0+,\d+|\d{4,},\d+)$/;

/**
 * A number as reports write it: `12.5`, `1,234.5`, `1.234,5`, `1e-3`, `0,5`.
 * @returns undefined for what is not a number, negative, or ambiguous (`1,234`)
 */
export const parseReportNumber = (text: string): number | undefined => {
  const trimmed = text.trim();
  let plain: string | undefined;
  if (GROUPED_BY_POINTS.test(trimmed)) plain = trimmed.replaceAll('.', '').replace(',', '.');
  else if (GROUPED.test(trimmed)) plain = trimmed.replaceAll(',', '');
  else if (PLAIN.test(trimmed)) plain = trimmed;
  else if (DECIMAL_COMMA.test(trimmed)) plain = trimmed.replace(',', '.');
  const value = Number(plain);
  return plain === undefined || !Number.isFinite(value) ? undefined : value;
};

/** Milliseconds, whole to the microsecond; undefined for what a duration cannot be. */
export const toDurationMs = (value: number | undefined, unitMs: number): number | undefined => {
  if (value === undefined || !Number.isFinite(value) || value < 0) return undefined;
  const ms = Math.round(value * unitMs * 1_000) / 1_000;
  return ms <= LIMITS.durationMs ? ms : undefined;
};

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * ISO 8601 in UTC; a time without a zone is UTC, as jest-junit, Gradle and the CSV histories write it.
 * @returns undefined for what is not a time
 */
export const parseReportTime = (text: string): string | undefined => {
  const [, date, minutes = '00:00', seconds = ':00', fraction = '0', zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  if (date === undefined) return undefined;
  const offset = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const at = Date.parse(`${date}T${minutes}${seconds}.${fraction.slice(0, 3)}${offset}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

const TIMED_OUT = /tim(?:e|ed)[\s_-]?out/i;

/** A failure whose type or message speaks of a timeout is one. */
export const failureStatus = (
  kind: 'failed' | 'broken',
  error: { readonly type?: string; readonly message?: string },
): ResultStatus => (TIMED_OUT.test(error.type ?? '') || TIMED_OUT.test(error.message ?? '') ? 'timeout' : kind);
