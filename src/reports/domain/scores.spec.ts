import { describe, expect, it } from '@jest/globals';
import { pendingScores, SCORE_DAYS, scoreWindow, tooBroadScores } from './scores.js';

const DAY_MS = 86_400_000;
const rangeOf = (days: number) => ({ from: new Date(0), to: new Date(days * DAY_MS), timeZone: 'UTC' });

describe('scoreWindow', () => {
  it('is the range, of a long one its newest 90 days', () => {
    expect(scoreWindow('summary', rangeOf(30))).toEqual(rangeOf(30));
    expect(scoreWindow('summary', rangeOf(SCORE_DAYS))).toEqual(rangeOf(SCORE_DAYS));
    expect(scoreWindow('detailed', rangeOf(365)).from).toEqual(new Date((365 - SCORE_DAYS) * DAY_MS));
    expect(scoreWindow('quality_metrics', rangeOf(365))).toEqual(rangeOf(365));
  });
});

describe('scores that there are none of', () => {
  it.each([
    ['pending', pendingScores],
    ['too_broad', tooBroadScores],
  ])('say that they are %s, and nothing that is not known', (status, scores) => {
    const { flakinessIndex, qualityScore } = scores(rangeOf(30));
    for (const figure of [flakinessIndex, qualityScore])
      expect(figure).toMatchObject({ status, value: null, n: 0, asOf: null });
  });
});
