import { describe, expect, it } from '@jest/globals';
import { SealPauses } from './seal-pauses.js';

describe('SealPauses', () => {
  it('lets a day through that it does not know', () => {
    expect(new SealPauses().isDue('p:1', 1, 0)).toBe(true);
  });

  it('doubles the pause, up to five minutes', () => {
    const pauses = new SealPauses();
    const lengths: number[] = [];
    let now = 0;
    for (let i = 0; i < 12; i++) {
      pauses.prolong('p:1', 1, now);
      let length = 0;
      while (!pauses.isDue('p:1', 1, now + length)) length += 1000;
      lengths.push(length / 1000);
      now += length;
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    expect(pauses.isDue('p:2', 1, 0)).toBe(true);
  });

  it('begins anew with another version of the day', () => {
    const pauses = new SealPauses();
    pauses.prolong('p:1', 1, 0);
    pauses.prolong('p:1', 1, 0);
    expect(pauses.isDue('p:1', 2, 0)).toBe(true);
    pauses.prolong('p:1', 2, 0);
    expect(pauses.isDue('p:1', 2, 999)).toBe(false);
    expect(pauses.isDue('p:1', 2, 1000)).toBe(true);
  });

  it('leaves a day alone for good until it changes', () => {
    const pauses = new SealPauses();
    pauses.untilChanged('p:1', 3);
    expect(pauses.isDue('p:1', 3, Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(pauses.isDue('p:1', 4, 0)).toBe(true);
  });

  it('forgets what is not there any more', () => {
    const pauses = new SealPauses();
    pauses.untilChanged('p:1', 3);
    pauses.untilChanged('p:2', 3);
    pauses.keepOnly(new Set(['p:2']));
    expect(pauses.isDue('p:1', 3, 0)).toBe(true);
    expect(pauses.isDue('p:2', 3, 0)).toBe(false);
  });
});
