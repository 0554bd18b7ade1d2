import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureStatus, parseReportNumber, parseReportTime, toDurationMs } from './report-values.js';

describe('parseReportNumber', () => {
  it.each([
    ['0', 0],
    ['12.5', 12.5],
    ['.5', 0.5],
    ['3.', 3],
    [' 7 ', 7],
    ['1,234.5', 1234.5],
    ['1,234,567', 1234567],
    ['1,234,567.25', 1234567.25],
    ['1.234,5', 1234.5],
    ['1.234.567', 1234567],
    ['1.234', 1.234],
    ['0,123', 0.123],
    ['1,5', 1.5],
    ['12,34', 12.34],
    ['1234,567', 1234.567],
    ['1e-05', 0.00001],
    ['1.2E3', 1200],
  ])('%s', (text, value) => expect(parseReportNumber(text)).toBe(value));

  it.each([
    '',
    ' ',
    '1,234',
    'NaN',
    'Infinity',
    '-1',
    '1 234',
    '0x10',
    '1.2.3',
    '1,2,3',
    '12,34.5',
    '1e999',
    'soon',
    '5s',
    '.',
  ])('does not guess at "%s"', (text) => expect(parseReportNumber(text)).toBeUndefined());

  it('reads what JavaScript writes', () => {
    const number = fc.double({ min: 0, max: 1e15, noNaN: true }).filter((value) => !Object.is(value, -0));
    fc.assert(fc.property(number, (value) => expect(parseReportNumber(String(value))).toBe(value)));
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(parseReportNumber(text) ?? 0).toBeGreaterThanOrEqual(0)));
  });
});

describe('toDurationMs', () => {
  it('is whole to the microsecond, and nothing where it cannot be', () => {
    expect(toDurationMs(0.0012345, 1_000)).toBe(1.235);
    expect(toDurationMs(undefined, 1)).toBeUndefined();
    expect(toDurationMs(-1, 1)).toBeUndefined();
    expect(toDurationMs(Number.NaN, 1)).toBeUndefined();
    expect(toDurationMs(1e12, 1)).toBeUndefined();
  });
});

describe('parseReportTime', () => {
  it.each([
    ['2026-03-01T09:30:00', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 09:30:00.25', '2026-03-01T09:30:00.250Z'],
    ['2026-03-01T09:30:00,123456', '2026-03-01T09:30:00.123Z'],
    ['2026-03-01T09:30:00+0530', '2026-03-01T04:00:00.000Z'],
    ['2026-03-01T09:30:00-05:00', '2026-03-01T14:30:00.000Z'],
  ])('%s', (text, time) => expect(parseReportTime(text)).toBe(time));

  it.each([
    '',
    'yesterday',
    '2026-13-01',
    '2026-03-01T25:00:00',
    '01.03.2026',
    '+275760-09-13T00:00:00Z',
    '1767225600',
  ])('is nothing for "%s"', (text) => expect(parseReportTime(text)).toBeUndefined());
});

describe('failureStatus', () => {
  it('sees a timeout in type and message', () => {
    expect(failureStatus('failed', { message: 'timed out after 5 s' })).toBe('timeout');
    expect(failureStatus('broken', { type: 'java.net.SocketTimeoutException' })).toBe('timeout');
    expect(failureStatus('failed', { message: 'expected 1' })).toBe('failed');
    expect(failureStatus('broken', {})).toBe('broken');
  });
});
