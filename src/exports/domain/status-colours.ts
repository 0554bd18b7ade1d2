import type { ResultStatus } from '../../executions/index.js';

/** One colour per status, told apart in print and by people who do not see red and green (Okabe and Ito). */
export const STATUS_COLOURS: Readonly<Record<ResultStatus, string>> = {
  passed: '#009e73',
  failed: '#d55e00',
  broken: '#cc79a7',
  timeout: '#e69f00',
  skipped: '#999999',
  cancelled: '#56b4e9',
};
