import type { ResultStatus } from '../../domain/model.js';
import { failureStatus } from '../report-values.js';

export const CTRF_STATUSES = ['passed', 'failed', 'skipped', 'pending', 'other'] as const;

/** What tools call it themselves, where CTRF has only failed or other. */
const RAW: readonly (readonly [RegExp, ResultStatus])[] = [
  [/^tim(?:e|ed)[\s_-]?out$/i, 'timeout'],
  [/^(?:interrupted|cancell?ed|aborted|stopped)$/i, 'cancelled'],
  [/^(?:broken|error|errored|crashed|infra(?:structure)?[\s_-]?failure)$/i, 'broken'],
];

/** @returns undefined for a status that CTRF does not have */
export const resultStatusOf = (
  status: string | undefined,
  rawStatus: string | undefined,
  message: string | undefined,
): ResultStatus | undefined => {
  const raw = RAW.find(([pattern]) => pattern.test(rawStatus?.trim() ?? ''))?.[1];
  switch (status) {
    case 'passed':
      return 'passed';
    case 'failed':
      return raw ?? failureStatus('failed', { message });
    case 'skipped':
    case 'pending':
      return 'skipped';
    case 'other':
      // neither passed nor failed: it has no say in the pass rate
      return raw ?? 'cancelled';
    default:
      return undefined;
  }
};
