import { describe, expect, it } from '@jest/globals';
import { forGuests } from './for-guests.js';

const at = new Date('2026-03-01T00:00:00.000Z');

describe('forGuests', () => {
  it('takes away ways on, and leaves everything else as it is', () => {
    const figures = { at, n: 1, rates: [0.5, null], name: 'a', none: null };
    expect(forGuests({ ...figures, href: '/runs', run: { href: '/runs/1', runId: '1' }, room: 'run:1' })).toEqual({
      ...figures,
      href: null,
      run: { href: null, runId: '1' },
      room: null,
    });
    expect(forGuests([])).toEqual([]);
    expect(forGuests({})).toEqual({});
    expect(forGuests('text')).toBe('text');
  });

  it('takes away who did something, and what they said', () => {
    const alert = {
      acknowledged: { by: 'ann', at, until: null, note: 'mine' },
      snoozed: { by: 'bob', until: at },
      suppressed: { by: 'silence', id: '1' },
      labels: { rule: 'r', oncall: 'carl' },
      links: { rule: '/alerts/1', self: '/alerts/instances/1', run: null },
    };
    expect(forGuests({ items: [alert, { acknowledged: null, snoozed: null }] })).toEqual({
      items: [
        {
          acknowledged: { by: null, at, until: null, note: null },
          snoozed: { by: null, until: at },
          suppressed: alert.suppressed,
          labels: {},
          links: null,
        },
        { acknowledged: null, snoozed: null },
      ],
    });
    expect(forGuests({ triggeredBy: 'ann', labels: ['confirmed'], acknowledged: 3 })).toEqual({
      triggeredBy: null,
      labels: ['confirmed'],
      acknowledged: 3,
    });
  });

  it('takes people out of filters', () => {
    expect(forGuests({ filter: { users: ['ann'], owners: ['!bob'], branches: ['main'] } })).toEqual({
      filter: { branches: ['main'] },
    });
  });

  it.each(['user', 'owner'])('numbers rows that are told apart by %s', (dimension) => {
    const rows = ['ann', null, 'bob', 'ann'].map((group, n) => ({ group, n }));
    expect(forGuests({ dimension, rows }).rows).toEqual([
      { group: `${dimension} 1`, n: 0 },
      { group: null, n: 1 },
      { group: `${dimension} 2`, n: 2 },
      { group: `${dimension} 1`, n: 3 },
    ]);
    expect(forGuests({ dimension: 'branch', rows }).rows).toEqual(rows);
  });
});
