import type { Random } from './random.js';

export interface DemoTest {
  readonly suite: string;
  readonly name: string;
  readonly file: string;
  readonly type: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly medianMs: number;
}

interface SuiteSpec {
  readonly path: string;
  readonly type: 'unit' | 'integration' | 'api' | 'e2e';
  readonly owner: string;
  readonly tags: readonly string[];
  readonly features: readonly string[];
}

export const SUITES: readonly SuiteSpec[] = [
  {
    path: 'checkout/cart',
    type: 'integration',
    owner: 'team-checkout',
    tags: ['critical'],
    features: ['cart total', 'quantity picker', 'coupon field', 'saved cart', 'mini cart'],
  },
  {
    path: 'checkout/payment',
    type: 'e2e',
    owner: 'team-checkout',
    tags: ['critical', 'payments'],
    features: ['card payment', 'invoice payment', 'refund', 'tax line'],
  },
  {
    path: 'catalog/search',
    type: 'integration',
    owner: 'team-catalog',
    tags: ['search'],
    features: ['full text search', 'category filter', 'price facet', 'suggestions', 'result paging'],
  },
  {
    path: 'catalog/pricing',
    type: 'unit',
    owner: 'team-catalog',
    tags: [],
    features: ['list price', 'discount', 'bundle price', 'currency rounding', 'price history'],
  },
  {
    path: 'account/login',
    type: 'e2e',
    owner: 'team-identity',
    tags: ['critical', 'security'],
    features: ['password login', 'single sign-on', 'second factor', 'password reset'],
  },
  {
    path: 'account/profile',
    type: 'api',
    owner: 'team-identity',
    tags: [],
    features: ['address book', 'newsletter consent', 'avatar', 'account deletion', 'order history'],
  },
  {
    path: 'platform/jobs',
    type: 'unit',
    owner: 'team-platform',
    tags: ['nightly'],
    features: ['job queue', 'retry policy', 'cron parser', 'dead letter box', 'lock manager'],
  },
  {
    path: 'platform/api',
    type: 'api',
    owner: 'team-platform',
    tags: ['contract'],
    features: ['orders endpoint', 'products endpoint', 'webhook endpoint', 'rate limit', 'pagination'],
  },
];

const BEHAVIOURS: Readonly<Record<SuiteSpec['type'], readonly string[]>> = {
  unit: ['accepts valid input', 'rejects bad input', 'handles the empty case', 'keeps its order', 'is idempotent'],
  integration: ['shows the stored value', 'updates after a change', 'survives a reload', 'reports an error', 'is fast'],
  api: [
    'answers 200',
    'answers 404 for a stranger',
    'validates its body',
    'is documented',
    'keeps old clients working',
  ],
  e2e: ['works for a guest', 'works for a customer', 'is usable by keyboard'],
};

/** Range of a test's median duration in ms. */
const DURATIONS: Readonly<Record<SuiteSpec['type'], readonly [number, number]>> = {
  unit: [4, 60],
  integration: [80, 900],
  api: [40, 400],
  e2e: [1_500, 9_000],
};

const testsOf = (suite: SuiteSpec, random: Random): DemoTest[] => {
  const [low, high] = DURATIONS[suite.type];
  const browsers = suite.type === 'e2e' ? ['chromium', 'firefox'] : [undefined];
  return suite.features.flatMap((feature) =>
    BEHAVIOURS[suite.type].flatMap((behaviour, position) =>
      browsers.map((browser) => ({
        suite: suite.path,
        name: `${feature} ${behaviour}`,
        file: `test/${suite.path}/${feature.replaceAll(' ', '-')}.spec.ts`,
        type: suite.type,
        owner: suite.owner,
        tags: position === 0 ? [...suite.tags, 'smoke'] : suite.tags,
        ...(browser !== undefined && { parameters: { browser } }),
        medianMs: low * Math.pow(high / low, random.next()),
      })),
    ),
  );
};

/** 198 tests in 8 suites; only the durations depend on the stream. */
export const buildCatalogue = (random: Random): DemoTest[] => SUITES.flatMap((suite) => testsOf(suite, random));
