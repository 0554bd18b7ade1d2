import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { LIMITS } from '../domain/limits.js';
import { RESULT_STATUSES } from '../domain/model.js';
import { ResultRowDto } from '../http/dto/result-row.dto.js';
import { type RowProblem, validateRow } from './row-validator.js';

const NOW = Date.now();
const ROW = { name: 'adds', status: 'passed' };
const FULL = {
  name: 'adds an item',
  suite: 'shop/cart',
  file: 'test/cart.spec.ts',
  type: 'unit',
  tags: ['smoke', 'ü'],
  owner: 'ann',
  parameters: { browser: 'firefox', 'a.b': '' },
  status: 'failed',
  attempt: 2,
  startedAt: new Date(NOW - 5_000).toISOString(),
  durationMs: 12.25,
  error: { type: 'E', message: 'boom', stack: 'at x' },
  steps: [{ name: 's', status: 'passed', durationMs: 0, expected: '1', actual: '2', error: '', warnings: ['w'] }],
  worker: '1',
};

const byClassValidator = (row: unknown): boolean =>
  typeof row === 'object' &&
  row !== null &&
  !Array.isArray(row) &&
  validateSync(plainToInstance(ResultRowDto, row), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  }).length === 0;

const problemsOf = (row: unknown): readonly RowProblem[] => {
  const verdict = validateRow(row, 7, NOW);
  return verdict.ok ? [] : verdict.problems;
};
const at = (ms: number): string => new Date(ms).toISOString();
const own = (text: string): unknown => JSON.parse(text) as unknown;

const GOOD: readonly (readonly [string, object])[] = [
  ['the least', ROW],
  ['everything', FULL],
  ['nulls', { ...ROW, suite: null, error: null, steps: null, tags: null, durationMs: null }],
  ['empty texts and lists', { ...ROW, suite: '', owner: '', tags: [], steps: [], parameters: {}, error: {} }],
  ['an hour ahead', { ...ROW, startedAt: at(NOW + 3_600_000) }],
  ['the first day', { ...ROW, startedAt: '2000-01-01T00:00:00Z' }],
  ['an offset', { ...ROW, startedAt: '2026-01-01T00:00+05:30' }],
  ['a leap day', { ...ROW, startedAt: '2024-02-29T00:00:00.123456789Z' }],
  ['the longest name', { ...ROW, name: 'é'.repeat(LIMITS.name) }],
  ['an emoji', { ...ROW, name: '🧪' }],
  ['the largest stack', { ...ROW, error: { stack: 'x'.repeat(LIMITS.stack) } }],
  ['as many tags as may be', { ...ROW, tags: Array.from({ length: LIMITS.tags }, String) }],
  ...RESULT_STATUSES.map((status) => [status, { ...ROW, status }] as const),
];

const BAD: readonly (readonly [string, unknown, string, string])[] = [
  ['a text', 'passed', '', 'wrong_type'],
  ['null', null, '', 'wrong_type'],
  ['a list', [ROW], '', 'wrong_type'],
  ['a number', 5, '', 'wrong_type'],
  ['no name', { status: 'passed' }, '/name', 'required'],
  ['a name of null', { ...ROW, name: null }, '/name', 'wrong_type'],
  ['an empty name', { ...ROW, name: '' }, '/name', 'too_short'],
  ['a blank name', { ...ROW, name: ' \t' }, '/name', 'forbidden_text'],
  ['NUL in the name', { ...ROW, name: 'a\0b' }, '/name', 'forbidden_text'],
  ['NUL in the stack', { ...ROW, error: { stack: '\0' } }, '/error/stack', 'forbidden_text'],
  ['half a surrogate pair', { ...ROW, name: '\ud800' }, '/name', 'forbidden_text'],
  ['a long name', { ...ROW, name: 'x'.repeat(LIMITS.name + 1) }, '/name', 'too_long'],
  ['a long stack', { ...ROW, error: { stack: 'x'.repeat(LIMITS.stack + 1) } }, '/error/stack', 'too_long'],
  ['no status', { name: 'a' }, '/status', 'required'],
  ['an unknown status', { ...ROW, status: 'PASSED' }, '/status', 'not_allowed'],
  ['an unknown field', { ...ROW, nmae: 'x' }, '/nmae', 'unknown_field'],
  ['an unknown field with a slash', { ...ROW, 'a/b~c': 1 }, '/a~1b~0c', 'unknown_field'],
  ['an unknown field of a step', { ...ROW, steps: [{ ...ROW, x: 1 }] }, '/steps/0/x', 'unknown_field'],
  ['a negative duration', { ...ROW, durationMs: -0.001 }, '/durationMs', 'out_of_range'],
  ['an infinite duration', { ...ROW, durationMs: Number.POSITIVE_INFINITY }, '/durationMs', 'wrong_type'],
  ['a duration of NaN', { ...ROW, durationMs: Number.NaN }, '/durationMs', 'wrong_type'],
  ['a duration as text', { ...ROW, durationMs: '5' }, '/durationMs', 'wrong_type'],
  ['a duration of years', { ...ROW, durationMs: 1e12 }, '/durationMs', 'out_of_range'],
  ['attempt 0', { ...ROW, attempt: 0 }, '/attempt', 'out_of_range'],
  ['attempt 1.5', { ...ROW, attempt: 1.5 }, '/attempt', 'wrong_type'],
  ['the year 275760', { ...ROW, startedAt: '+275760-09-13T00:00:00.000Z' }, '/startedAt', 'out_of_range'],
  ['the year 1999', { ...ROW, startedAt: '1999-12-31T23:59:59Z' }, '/startedAt', 'out_of_range'],
  ['the day after tomorrow', { ...ROW, startedAt: at(NOW + 2 * 86_400_000) }, '/startedAt', 'out_of_range'],
  ['a 30th of February', { ...ROW, startedAt: '2026-02-30T00:00:00Z' }, '/startedAt', 'out_of_range'],
  ['a 13th month', { ...ROW, startedAt: '2026-13-31T00:00:00Z' }, '/startedAt', 'out_of_range'],
  ['a time without a zone', { ...ROW, startedAt: '2026-02-03T00:00:00' }, '/startedAt', 'out_of_range'],
  ['epoch ms', { ...ROW, startedAt: NOW }, '/startedAt', 'wrong_type'],
  ['tags as text', { ...ROW, tags: 'smoke' }, '/tags', 'wrong_type'],
  ['a tag that is a number', { ...ROW, tags: ['a', 5] }, '/tags/1', 'wrong_type'],
  ['a tag that is null', { ...ROW, tags: [null] }, '/tags/0', 'wrong_type'],
  ['a blank tag', { ...ROW, tags: [' '] }, '/tags/0', 'forbidden_text'],
  ['101 tags', { ...ROW, tags: Array.from({ length: 101 }, String) }, '/tags', 'too_many'],
  ['1001 steps', { ...ROW, steps: Array.from({ length: 1001 }, () => ROW) }, '/steps', 'too_many'],
  ['a step without status', { ...ROW, steps: [ROW, { name: 'x' }] }, '/steps/1/status', 'required'],
  ['a step that is null', { ...ROW, steps: [null] }, '/steps/0', 'wrong_type'],
  ['an error that is text', { ...ROW, error: 'boom' }, '/error', 'wrong_type'],
  ['an error that is a list', { ...ROW, error: [] }, '/error', 'wrong_type'],
  ['parameters that are a list', { ...ROW, parameters: [] }, '/parameters', 'wrong_type'],
  ['a parameter that is a number', { ...ROW, parameters: { a: 1 } }, '/parameters/a', 'wrong_type'],
  ['a parameter with NUL', { ...ROW, parameters: { a: '\0' } }, '/parameters/a', 'forbidden_text'],
  ['an operator', { ...ROW, parameters: { $where: 'x' } }, '/parameters/$where', 'forbidden_key'],
  ['an empty key', { ...ROW, parameters: { '': 'x' } }, '/parameters/', 'forbidden_key'],
  ['a key with NUL', { ...ROW, parameters: { 'a\0': 'x' } }, '/parameters/a\0', 'forbidden_key'],
  [
    '101 parameters',
    { ...ROW, parameters: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, ''])) },
    '/parameters',
    'too_many',
  ],
];

/**
 * class-transformer leaves such keys out before class-validator sees them, and a list within a list is looked through: the
 * hot path has to refuse them itself.
 */
const HOSTILE: readonly (readonly [string, unknown, string, string])[] = [
  ['__proto__ in a row', own('{"name":"a","status":"passed","__proto__":{"x":1}}'), '/__proto__', 'unknown_field'],
  [
    'constructor in a row',
    own('{"name":"a","status":"passed","constructor":{"prototype":{}}}'),
    '/constructor',
    'unknown_field',
  ],
  [
    '__proto__ in parameters',
    own('{"name":"a","status":"passed","parameters":{"__proto__":"x"}}'),
    '/parameters/__proto__',
    'forbidden_key',
  ],
  [
    'constructor in parameters',
    own('{"name":"a","status":"passed","parameters":{"constructor":"x"}}'),
    '/parameters/constructor',
    'forbidden_key',
  ],
  ['valueOf in an error', { ...ROW, error: { valueOf: 'x' } }, '/error/valueOf', 'unknown_field'],
  [
    'a parameter toString that is a number',
    { ...ROW, parameters: { toString: 5 } },
    '/parameters/toString',
    'wrong_type',
  ],
  ['a step that is a list', { ...ROW, steps: [[]] }, '/steps/0', 'wrong_type'],
];

/** Whether there is something of that kind in a value. */
const isUnseen = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some((item) => Array.isArray(item) || isUnseen(item));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => key in Object.prototype || isUnseen(member));
};

describe('validateRow', () => {
  it.each(GOOD)('takes %s, as class-validator does', (_, row) => {
    expect(problemsOf(row)).toEqual([]);
    expect(byClassValidator(row)).toBe(true);
  });

  it.each(BAD)('refuses %s, as class-validator does', (_, row, pointer, code) => {
    expect(problemsOf(row)).toContainEqual({ index: 7, pointer, code, detail: expect.any(String) });
    expect(byClassValidator(row)).toBe(false);
  });

  it.each(HOSTILE)('refuses %s', (_, row, pointer, code) => {
    expect(problemsOf(row)).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  it('leaves nulls out and keeps the rest as it is', () => {
    const row = { ...ROW, suite: null, error: { type: null, message: 'm' }, steps: [{ ...ROW, error: null }] };
    expect(validateRow(row, 0, NOW)).toEqual({ ok: true, value: { ...ROW, error: { message: 'm' }, steps: [ROW] } });
    expect(validateRow(FULL, 0, NOW)).toEqual({ ok: true, value: FULL });
  });

  it('refuses a result over 1 MB', () => {
    const steps = Array.from({ length: 100 }, () => ({ ...ROW, actual: 'é'.repeat(8_000) }));
    expect(problemsOf({ ...ROW, steps })).toEqual([expect.objectContaining({ pointer: '', code: 'too_large' })]);
  });

  it('names every problem of a row, 20 at most', () => {
    expect(problemsOf({ status: 5, tags: 'x' }).map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/name', '/status', '/tags']),
    );
    const unknown = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x${i}`, 1]));
    expect(problemsOf({ ...ROW, ...unknown })).toHaveLength(20);
  });

  it('agrees with class-validator on any change of any field', () => {
    const junk = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.constant('passed'),
    );
    const field = fc.constantFrom(...Object.keys(FULL), 'other');
    fc.assert(
      fc.property(field, junk, (name, value) => {
        const row = { ...FULL, [name]: value };
        const isTaken = problemsOf(row).length === 0;
        if (isTaken || !isUnseen(value)) expect(byClassValidator(row)).toBe(isTaken);
      }),
      { numRuns: 500 },
    );
  });

  it('does 100,000 simple rows in a second of processor time, with room to spare', () => {
    const row = { ...ROW, suite: 'shop/cart', durationMs: 12.5, startedAt: at(NOW), tags: ['smoke'] };
    for (let i = 0; i < 20_000; i++) validateRow(row, i, NOW);
    const started = process.cpuUsage();
    for (let i = 0; i < 100_000; i++) validateRow(row, i, NOW);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });
});
