import { describe, expect, it } from '@jest/globals';
import { formatDuration, parseDuration } from './durations.js';
import { agoText, figureText, sampleText, valueText } from './texts.js';
import { at, figure } from './testing/alerts.js';

describe('texts', () => {
  it('write values in their unit', () => {
    expect([0.9512, 1, 0].map((value) => valueText(value, 'ratio'))).toEqual(['95.12 %', '100 %', '0 %']);
    expect([90, 1500, 90_000, 7_200_000].map((value) => valueText(value, 'ms'))).toEqual([
      '90 ms',
      '1.5 s',
      '1.5 min',
      '2 h',
    ]);
    expect([valueText(12, 'count'), valueText(null, 'count')]).toEqual(['12', 'nothing']);
  });

  it('say how bad it is, against what is expected', () => {
    const facts = { unit: 'ratio', threshold: 0.9, cause: 'value', figure: { ...figure(40), measure: 0.4 } } as const;
    expect(figureText({ ...facts, condition: 'below' })).toBe('50 %, below 90 %');
    expect(figureText({ ...facts, condition: 'drops_by' })).toBe(
      '50 % after 90 %, a drop by 40 percentage points (limit 90 percentage points)',
    );
    expect(figureText({ ...facts, condition: 'change_point' })).toBe(
      '50 % after 90 %, a change by 40 percentage points',
    );
    expect(figureText({ ...facts, condition: 'below', cause: 'no_data' })).toBe('there are no results');
    expect(figureText({ ...facts, condition: 'below', figure: undefined })).toBe('there is no value yet');
  });

  it('say on how much it rests, and how long ago it was', () => {
    expect(sampleText(figure(40), 'ratio')).toBe('n = 40, 95 % interval 40 % to 60 %');
    expect(sampleText({ ...figure(40), low: null }, 'ratio')).toBe('n = 40');
    expect([5, 119, 120, 2_880].map((minutes) => agoText(at(0), at(minutes)))).toEqual([
      '5 min',
      '119 min',
      '2 h',
      '2 d',
    ]);
  });

  it('read and write durations', () => {
    for (const text of ['30s', '5m', '90m', '4h', '7d']) expect(formatDuration(parseDuration(text)!)).toBe(text);
    expect(formatDuration(0)).toBe('0s');
    for (const text of ['', '5', 'm', '-5m', '1.5h', '5 m', '1w', '5m5m']) expect(parseDuration(text)).toBeUndefined();
  });
});
