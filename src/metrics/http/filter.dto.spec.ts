import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { MetricFilterQueryDto, toFilter } from './filter.dto.js';
import { toRange } from './time-range.dto.js';

const read = (query: object): MetricFilterQueryDto => plainToInstance(MetricFilterQueryDto, query);
const problems = (query: object): string[] =>
  validateSync(read(query), { whitelist: true, forbidNonWhitelisted: true }).map(({ property }) => property);

describe('the filter in a query string', () => {
  it('reads repeated and comma-separated lists alike, and commas that are escaped', () => {
    for (const branches of ['main,dev', ['main', 'dev'], ['dev,main', 'main']])
      expect(toFilter(read({ branches }))).toEqual({ branches: ['dev', 'main'] });
    expect(toFilter(read({ suites: String.raw`a\,b,c` }))).toEqual({ suites: ['a,b', 'c'] });
  });

  it('has the rules of the body', () => {
    expect(problems({ projects: 'demo,!web', statuses: 'failed', lastDays: '7', timeZone: 'UTC' })).toEqual([]);
    expect(problems({ projects: 'A B', kinds: 'robot', lastDays: '0', from: 'x', extra: '1' }).sort()).toEqual([
      'extra',
      'from',
      'kinds',
      'lastDays',
      'projects',
    ]);
    expect(problems({ tags: Array(201).fill('a') })).toEqual(['tags']);
    expect(problems({ owners: { $gt: '' } })).toEqual(['owners']);
  });

  it('leaves out lists that are empty', () => {
    expect(toFilter({ owners: [], tags: ['b', 'a', 'b'] })).toEqual({ tags: ['a', 'b'] });
    expect(toFilter(undefined)).toEqual({});
  });
});

describe('toRange', () => {
  const now = new Date('2026-03-10T03:00:00Z');

  it('is the last 30 local days where nothing is said', () => {
    const range = toRange({ timeZone: 'America/New_York' }, now);
    expect([range.from.toISOString(), range.to.toISOString()]).toEqual([
      '2026-02-08T05:00:00.000Z',
      '2026-03-10T04:00:00.000Z',
    ]);
  });

  it('takes dates and times without offset as local, others as they are', () => {
    const range = toRange({ from: '2026-01-01', to: '2026-01-01T12:00', timeZone: 'Asia/Kolkata' }, now);
    expect([range.from.toISOString(), range.to.toISOString()]).toEqual([
      '2025-12-31T18:30:00.000Z',
      '2026-01-01T06:30:00.000Z',
    ]);
    const exact = toRange(
      { from: '2026-01-01T00:00:00Z', to: '2026-01-01T02:00:00+01:00', timeZone: 'Asia/Kolkata' },
      now,
    );
    expect(exact.to.getTime() - exact.from.getTime()).toBe(3_600_000);
  });

  it('begins 30 days before an end, and ends with today', () => {
    expect(toRange({ to: '2026-01-31' }, now).from.toISOString()).toBe('2026-01-01T00:00:00.000Z');
    expect(toRange({ from: '2026-03-01' }, now).to.toISOString()).toBe('2026-03-11T00:00:00.000Z');
    expect(toRange({ lastDays: 1 }, now).from.toISOString()).toBe('2026-03-10T00:00:00.000Z');
  });

  it.each([
    ['/r/from', { from: '2026-01-02', to: '2026-01-02' }],
    ['/r/from', { from: '2000-01-01', to: '2026-01-02' }],
    ['/r/to', { to: '2026-13-01' }],
    ['/r/lastDays', { lastDays: 2, to: '2026-01-01' }],
  ])('refuses at %s', (pointer, dto) => {
    expect(() => toRange(dto, now, '/r')).toThrow(
      expect.objectContaining({ code: 'invalid_time_range', errors: [expect.objectContaining({ pointer })] }),
    );
  });
});
