import { describe, expect, it } from '@jest/globals';
import { leavesOf } from './data-leaves.js';

describe('leavesOf', () => {
  it('names each figure and text by where it stands, in order', () => {
    const at = new Date('2026-03-01T00:00:00.000Z');
    const data = {
      totals: { executions: 3, passRate: { value: null } },
      rows: [
        { group: 'main', isNew: false, at },
        { group: null, figures: [1, 2.5] },
      ],
      href: '/reports',
      empty: [],
    };
    expect(leavesOf(data)).toEqual([
      { path: 'totals.executions', value: 3, text: null },
      { path: 'totals.passRate.value', value: null, text: null },
      { path: 'rows[0].group', value: null, text: 'main' },
      { path: 'rows[0].isNew', value: null, text: 'false' },
      { path: 'rows[0].at', value: null, text: '2026-03-01T00:00:00.000Z' },
      { path: 'rows[1].group', value: null, text: null },
      { path: 'rows[1].figures[0]', value: 1, text: null },
      { path: 'rows[1].figures[1]', value: 2.5, text: null },
    ]);
  });

  it('is empty for what says nothing', () => {
    expect(leavesOf({})).toEqual([]);
    expect(leavesOf({ items: [], more: undefined })).toEqual([]);
  });
});
