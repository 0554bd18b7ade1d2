import { describe, expect, it } from '@jest/globals';
import type { Chart } from '../domain/summary.js';
import { drawChart } from './charts.js';

const numbersOf = (chart: Chart): string[] =>
  [...drawChart(chart, 500, 190).matchAll(/<text[^>]*>([\d,]+)<\/text>/g)].map(([, text = '']) => text);

describe('an axis of counts', () => {
  it.each([1, 2, 3, 7, 1_000])('has whole numbers, each once, up to %d', (most) => {
    const bars = [0, most].map((value, i) => ({ name: `rule ${i}`, value }));
    const labels = numbersOf({
      kind: 'line',
      title: '',
      unit: 'count',
      labels: ['a', 'b'],
      series: [{ name: 's', values: [0, most] }],
    });
    expect(labels.length).toBeGreaterThan(1);
    expect(new Set(labels).size).toBe(labels.length);
    const ofBars = numbersOf({ kind: 'bar', title: '', unit: 'count', bars });
    // each bar says its value, too
    for (const { value } of bars) ofBars.splice(ofBars.lastIndexOf(value.toLocaleString('en-GB')), 1);
    expect(ofBars.length).toBeGreaterThan(1);
    expect(new Set(ofBars).size).toBe(ofBars.length);
  });
});
