import { describe, expect, it } from '@jest/globals';
import { emptyAggregate } from '../../metrics/index.js';
import { compareFigures } from './compare-figures.js';
import { durationBars } from './duration-bars.js';
import { etagOf, isUnchanged, versionsIn } from './etag.js';
import { gaugeState } from './gauge.js';
import { renderMarkdown } from './markdown.js';
import { progressOf } from './run-progress.js';

describe('etags', () => {
  it('name a version and the data', () => {
    const etag = etagOf(3, 'data');
    expect(etag).toMatch(/^"3\.[\w-]{22}"$/);
    expect(etagOf(3, 'other')).not.toBe(etag);
    expect([isUnchanged(etag, etag), isUnchanged(`W/${etag}, "x"`, etag), isUnchanged('*', etag)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isUnchanged(undefined, etag), isUnchanged('"3.x"', etag), isUnchanged('', etag)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['*', 'any'],
    ['"3.abc"', [3]],
    ['W/"3.abc"', [3]],
    ['3', [3]],
    ['"3", "12.x"', [3, 12]],
    ['"x"', []],
    ['"3x"', []],
  ])('If-Match %j names %j', (header, expected) => expect(versionsIn(header)).toEqual(expected));
});

describe('gaugeState', () => {
  it.each([
    [0.99, 'up', { warning: 0.95, critical: 0.9 }, 'ok'],
    [0.95, 'up', { warning: 0.95, critical: 0.9 }, 'warning'],
    [0.5, 'up', { warning: 0.95, critical: 0.9 }, 'critical'],
    [5000, 'down', { warning: 3000, critical: 5000 }, 'critical'],
    [4000, 'none', { warning: 3000 }, 'warning'],
    [4000, 'down', {}, 'unknown'],
    [null, 'down', { warning: 1 }, 'unknown'],
  ] as const)('%s (good: %s) against %j is %s', (value, good, thresholds, expected) =>
    expect(gaugeState(value, good, thresholds)).toBe(expected),
  );
});

describe('compareFigures', () => {
  const figure = (value: number | null, low: number | null = null, high: number | null = null) => ({
    value,
    low,
    high,
  });

  it('says whether it became better', () => {
    expect(compareFigures(figure(0.9, 0.88, 0.92), figure(0.8, 0.78, 0.82), 'up').verdict).toBe('improved');
    expect(compareFigures(figure(0.9, 0.8, 0.95), figure(0.8, 0.7, 0.9), 'up').verdict).toBe('unclear');
    expect(compareFigures(figure(12), figure(8), 'down')).toEqual({
      difference: 4,
      relative: 0.5,
      verdict: 'degraded',
    });
    expect(compareFigures(figure(12), figure(0), 'none')).toEqual({
      difference: 12,
      relative: null,
      verdict: 'neutral',
    });
    expect(compareFigures(figure(12), figure(null), 'up').verdict).toBe('insufficient_data');
  });
});

describe('durationBars', () => {
  it('has none for nothing, and loses nothing', () => {
    const { histogram } = emptyAggregate();
    expect(durationBars(histogram, 10)).toEqual([]);
    [0, 1, 2, 50, 51, 300].forEach((bucket, i) => (histogram[bucket] = i + 1));
    for (const most of [1, 7, 20, 1000]) {
      const bars = durationBars(histogram, most);
      expect(bars.length).toBeLessThanOrEqual(most);
      expect(bars.reduce((sum, { n }) => sum + n, 0)).toBe(21);
      bars.slice(1).forEach(({ fromMs }, i) => expect(fromMs).toBe(bars[i]!.toMs));
    }
  });

  it('has ends between which the durations lie', () => {
    const { histogram } = emptyAggregate();
    histogram[2 + 94] = 3; // the bucket of 110 ms: 94 = ceil(ln 110 / ln 1.0513)
    const [bar] = durationBars(histogram, 5);
    expect(bar!.fromMs).toBeLessThan(110);
    expect(bar!.toMs).toBeGreaterThanOrEqual(110);
  });
});

describe('progressOf', () => {
  const totals = {
    attempts: 10,
    executions: 10,
    passed: 10,
    failed: 0,
    broken: 0,
    timeout: 0,
    skipped: 0,
    cancelled: 0,
    flaky: 0,
  };
  const startedAt = new Date('2026-03-01T10:00:00Z');
  const updatedAt = new Date('2026-03-01T10:02:00Z');

  it('expects what the run before had, at the pace so far', () => {
    expect(progressOf({ status: 'running', startedAt, updatedAt, totals }, 40)).toEqual({
      done: 10,
      expected: 40,
      share: 0.25,
      perMinute: 5,
      estimatedFinishAt: '2026-03-01T10:08:00.000Z',
    });
  });

  it('knows nothing without a run before, and is whole when the run is over', () => {
    const alone = progressOf({ status: 'running', startedAt, updatedAt, totals }, undefined);
    expect(alone).toMatchObject({ expected: null, share: null, estimatedFinishAt: null });
    expect(progressOf({ status: 'finished', startedAt, updatedAt: startedAt, totals }, 40)).toMatchObject({
      share: 1,
      perMinute: null,
    });
  });
});

describe('renderMarkdown', () => {
  it('renders what people write', () => {
    expect(renderMarkdown('# A\n\n- **b** [c](https://example.com)')).toBe(
      '<h1>A</h1>\n<ul>\n<li><strong>b</strong> <a href="https://example.com" rel="noopener noreferrer nofollow" target="_blank">c</a></li>\n</ul>',
    );
    expect(renderMarkdown('|a|\n|-|\n|1|')).toContain('<td>1</td>');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '<a href="jAvAsCrIpT:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<svg/onload=alert(1)>',
    '<iframe src="https://evil.example"></iframe>',
    '<p style="background:url(javascript:alert(1))" onclick="alert(1)">x</p>',
    '![x](https://evil.example/pixel.png)',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  ])('lets nothing act: %s', (hostile) => {
    const html = renderMarkdown(hostile);
    expect(html).not.toMatch(/<(script|img|svg|iframe|style|math)|javascript:|data:|\son\w+=/i);
  });
});
