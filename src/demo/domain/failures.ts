import type { ErrorInput, ResultStatus } from '../../executions/index.js';
import type { Random } from './random.js';

export type FailureCause = 'flaky' | 'regression' | 'episode' | 'refresh' | 'outage';

export interface Failure {
  readonly status: Extract<ResultStatus, 'failed' | 'broken' | 'timeout'>;
  readonly error: Required<ErrorInput>;
}

interface Template {
  readonly status: Failure['status'];
  readonly type: string;
  readonly message: (random: Random) => string;
  /** Function and place inside the shop's own code, innermost first. */
  readonly frames: readonly string[];
}

const FLAKY: readonly Template[] = [
  {
    status: 'timeout',
    type: 'TimeoutError',
    message: (r) => `Waiting for selector "[data-test=total]" failed: timeout ${r.int(4, 6) * 1000}ms exceeded`,
    frames: ['waitForTotal (test/support/page.ts:88:11)', 'openCart (test/support/cart.ts:31:5)'],
  },
  {
    status: 'failed',
    type: 'AssertionError',
    message: (r) => `expected ${r.int(3, 5)} items in the list, received ${r.int(0, 2)}`,
    frames: ['expectItems (test/support/expect.ts:14:9)', 'refreshList (src/ui/list.ts:57:3)'],
  },
  {
    status: 'broken',
    type: 'StaleElementError',
    message: (r) => `element "row-${r.hex(8)}" is no longer attached to the document`,
    frames: ['click (test/support/page.ts:112:7)', 'renderRow (src/ui/table.ts:203:12)'],
  },
];

const EPISODE: readonly Template[] = [
  {
    status: 'broken',
    type: 'TypeError',
    message: () => "Cannot read properties of undefined (reading 'price')",
    frames: ['priceOf (src/catalog/price.ts:64:21)', 'addLine (src/checkout/lines.ts:19:10)'],
  },
  {
    status: 'failed',
    type: 'AssertionError',
    message: (r) => `expected status 200, received 422 for request ${r.hex(12)}`,
    frames: ['expectStatus (test/support/http.ts:22:9)', 'validate (src/api/validate.ts:41:13)'],
  },
  {
    status: 'failed',
    type: 'AssertionError',
    message: (r) => `expected '2026-0${r.int(1, 9)}-1${r.int(0, 9)}' to be before the day of delivery`,
    frames: ['deliveryDay (src/orders/delivery.ts:33:17)', 'placeOrder (src/orders/place.ts:70:4)'],
  },
];

const BY_CAUSE: Readonly<Record<FailureCause, readonly Template[]>> = {
  flaky: FLAKY,
  episode: EPISODE,
  regression: [
    {
      status: 'failed',
      type: 'AssertionError',
      message: (r) => `expected total ${r.int(20, 300)}.${r.int(10, 99)} to equal ${r.int(20, 300)}.${r.int(10, 99)}`,
      frames: ['taxOf (src/checkout/tax.ts:42:13)', 'totalOf (src/checkout/total.ts:28:20)'],
    },
  ],
  refresh: [
    {
      status: 'broken',
      type: 'DataNotReadyError',
      message: (r) => `table "orders_${r.int(1, 8)}" is still being refreshed (${r.int(10, 95)} % done)`,
      frames: ['seedRow (test/support/seed.ts:55:15)'],
    },
  ],
  outage: [
    {
      status: 'broken',
      type: 'FetchError',
      message: (r) =>
        `request to https://gateway.staging.example.test/v2/${r.hex(6)} failed, reason: connect ETIMEDOUT 10.1.${r.int(0, 9)}.${r.int(2, 250)}:443`,
      frames: ['send (src/http/client.ts:77:11)'],
    },
  ],
};

/**
 * A failure as a CI machine would report it. `variant` picks the template (one test keeps its own), so all failures of a
 * cause fall into a few clusters, while numbers and the checkout folder differ each time.
 */
export const makeFailure = (cause: FailureCause, variant: number, random: Random): Failure => {
  const templates = BY_CAUSE[cause];
  const template = templates[variant % templates.length]!;
  const message = template.message(random);
  const root = `/builds/${random.int(1000, 9999)}/shop`;
  const own = template.frames.map((frame) => `    at ${frame.replace('(', `(${root}/`)}`);
  const foreign = `    at run (${root}/node_modules/vitest/dist/runner.js:${random.int(100, 999)}:9)`;
  return {
    status: template.status,
    error: { type: template.type, message, stack: [`${template.type}: ${message}`, ...own, foreign].join('\n') },
  };
};
