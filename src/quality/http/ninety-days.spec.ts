import { describe, expect, it } from '@jest/globals';
import { ninetyDays } from './ninety-days.js';

const NOW = new Date('2026-06-15T12:00:00Z');
const daysOf = (dto: object): number => {
  const { from, to } = ninetyDays(dto, NOW);
  return (to.getTime() - from.getTime()) / 86_400_000;
};

describe('ninetyDays', () => {
  it('is 90 days up to the end where no begin is said', () => {
    expect(daysOf({})).toBe(90);
    expect(daysOf({ to: '2026-03-01' })).toBe(90);
  });

  it('is what was asked for otherwise', () => {
    expect(daysOf({ lastDays: 365 })).toBe(365);
    expect(daysOf({ lastDays: 7 })).toBe(7);
    expect(daysOf({ from: '2026-06-01', to: '2026-06-11' })).toBe(10);
  });
});
