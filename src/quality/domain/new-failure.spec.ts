import { describe, expect, it } from '@jest/globals';
import { newFailureOf } from './new-failure.js';
import { told } from './testing/histories.js';

/** The past and the stretch, as letters. */
const judged = (past: string, now: string): string =>
  newFailureOf(told(past + now), { earliest: 0, first: past.length, end: past.length + now.length });

describe('a new failure', () => {
  it.each([
    ['PPPPP', 'F', 'new'],
    ['P', 'F', 'new'],
    ['FPPPPP', 'F', 'new'],
    ['FPPPP', 'F', 'old'],
    ['PPPPF', 'F', 'old'],
    ['FPPSPSPP', 'F', 'new'],
    ['', 'F', 'old'],
    ['SS', 'F', 'old'],
    ['PPPPP', 'FP', 'old'],
    ['PPPPP', 'PF', 'new'],
    ['PPPPP', 'FFF', 'new'],
    ['PPPPP', 'FS', 'new'],
    ['PPPPP', 'S', 'absent'],
    ['PPPPP', '', 'absent'],
  ])('after %j, %j is %s', (past, now, expected) => {
    expect(judged(past, now)).toBe(expected);
  });

  it('looks no further back than it may', () => {
    expect(newFailureOf(told('FPF'), { earliest: 1, first: 2, end: 3 })).toBe('new');
    expect(newFailureOf(told('FPF'), { earliest: 2, first: 2, end: 3 })).toBe('old');
  });
});
