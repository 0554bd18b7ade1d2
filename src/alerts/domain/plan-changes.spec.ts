import { describe, expect, it } from '@jest/globals';
import { isOvertaken } from './plan-changes.js';
import { at } from './testing/alerts.js';
import { storedAlert } from './testing/stored-alerts.js';

describe('a round of evaluations is overtaken', () => {
  it.each([
    ['by nothing, where there is no alert', [], false],
    ['by no round before it', [-1], false],
    ['by no round of the same moment', [0], false],
    ['by one that began later', [-5, 1], true],
    ['not by a clock that was set back', [11], false],
  ])('%s', (_case, minutes, wanted) => {
    const alerts = minutes.map((minute, i) => storedAlert(String(i), undefined, minute));
    expect(isOvertaken(alerts, at(0))).toBe(wanted);
  });
});
