import { describe, expect, it } from '@jest/globals';
import { formatDuration, parseDuration } from './durations.js';
import { agoText, type FigureFacts, figureText, sampleText, valueText } from './texts.js';
import { at, figure } from './testing/alerts.js';

/** 50 % where 90 % are wanted. */
const below: FigureFacts = {
  ...{ status: 'firing', condition: 'below', unit: 'ratio', threshold: 0.9, cause: 'value' },
  figure: figure(40),
};

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
    expect(figureText(below)).toBe('50 %, below 90 %');
    const change = { ...below, figure: { ...figure(40), measure: 0.4 }, threshold: 0.3 };
    expect(figureText({ ...change, condition: 'drops_by' })).toBe(
      '50 % after 90 %, a drop by 40 percentage points (limit 30 percentage points)',
    );
    expect(figureText({ ...change, condition: 'change_point' })).toBe(
      '50 % after 90 %, a change by 40 percentage points',
    );
    expect(figureText({ ...below, cause: 'no_data' })).toBe('there are no results');
    expect(figureText({ ...below, figure: undefined })).toBe('there is no value yet');
  });

  it('do not say that it is beyond its threshold when it was', () => {
    const good = { ...figure(40), value: 1, measure: 1 };
    for (const status of ['firing', 'recovering'] as const)
      expect(figureText({ ...below, status, figure: good })).toBe('was below 90 %; now 100 %, not recovered yet');
    expect(figureText({ ...below, status: 'resolved' })).toBe('was below 90 %; over by now');
    const none = { ...good, value: 0, measure: 0 };
    for (const [condition, text] of [
      ['above', 'was above 90 %; now 0 %, not recovered yet'],
      ['outside_expected', 'was outside of what is expected; now 0 %, not recovered yet'],
      ['drops_by', 'had dropped by 90 percentage points or more; now 0 %, not recovered yet'],
      ['change_point', 'had changed by 90 percentage points or more; now 0 %, not recovered yet'],
      ['new_failures', 'had more than 0.9 tests that failed and did not before; now 0 %, not recovered yet'],
    ] as const)
      expect(figureText({ ...below, condition, figure: none })).toBe(text);
  });

  it('say of what was missing whether it still is', () => {
    const error = { ...below, cause: 'error' } as const;
    expect(figureText(error)).toBe('the evaluation fails');
    expect(figureText({ ...error, status: 'recovering' })).toBe('the evaluation failed; not recovered yet');
    expect(figureText({ ...error, status: 'resolved' })).toBe('the evaluation failed; over by now');
  });

  it('say nothing of the threshold of a rule that is gone', () => {
    const gone = { ...below, condition: undefined };
    expect(figureText(gone)).toBe('50 %');
    expect(figureText({ ...gone, status: 'resolved' })).toBe('over by now');
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
