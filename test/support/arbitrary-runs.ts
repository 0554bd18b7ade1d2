import fc from 'fast-check';
import { RESULT_STATUSES, type AttemptRecord, type Run } from '../../src/executions/domain/model.js';

/** Around the end of daylight saving time in New York, 2025-11-02. */
export const BASE_MS = Date.UTC(2025, 10, 1);

const attempt = fc.record({
  test: fc.integer({ min: 1, max: 6 }),
  attempt: fc.integer({ min: 1, max: 3 }),
  status: fc.constantFrom(...RESULT_STATUSES),
  at: fc.integer({ min: 0, max: 3 * 86_400_000 - 1 }).map((offset) => BASE_MS + offset),
  durationUs: fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 4e9 })), {
    nil: undefined,
  }),
  suite: fc.constantFrom('', 'checkout', 'search'),
  type: fc.constantFrom('', 'e2e'),
  owner: fc.constantFrom('', 'core'),
  tags: fc.constantFrom([], ['slow'], ['slow', 'smoke']),
  fingerprint: fc.constantFrom('', 'abcdef0123456789'),
});

/** Attempts of one run: one record per (test, attempt). */
export const arbitraryAttempts: fc.Arbitrary<AttemptRecord[]> = fc
  .uniqueArray(attempt, { maxLength: 18, selector: (record) => `${record.test}/${record.attempt}` })
  .map((records) => records.map((record) => ({ ...record, generation: 1 })));

export const arbitraryRun: fc.Arbitrary<Run> = fc
  .record({
    id: fc.integer({ min: 1, max: 0xffffff }),
    branch: fc.constantFrom(undefined, 'main', 'release/1'),
    environment: fc.constantFrom(undefined, 'ci'),
    triggeredBy: fc.constantFrom(undefined, 'ana'),
    tags: fc.constantFrom([], ['nightly']),
  })
  .map(({ id, ...facts }) => ({
    runId: id.toString(16).padStart(24, '0'),
    organization: 'acme',
    projectId: '0'.repeat(24),
    projectKey: 'web',
    externalId: String(id),
    kind: 'ci' as const,
    startedAt: new Date(BASE_MS + id),
    status: 'finished' as const,
    generation: 1,
    summarised: 0,
    days: [],
    state: 'live' as const,
    ...facts,
  }));
