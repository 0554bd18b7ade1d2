import { describe, expect, it } from '@jest/globals';
import { flush, join, leave, type Member, newGroup, type NoticeGroup } from './notice-group.js';
import { DEFAULT_GROUPING } from './rule.js';
import { at } from './testing/alerts.js';

const loud = { muted: false, acknowledged: false };
const alert = (alertId: string, level: 'warning' | 'critical' = 'critical') => ({ alertId, episode: 1, level });
const ids = (members: readonly Member[] = []): string => members.map(({ alertId }) => alertId).join(',');

/** What is told at a minute, as `reason firing/resolved`, and the group afterwards. */
const tell = (group: NoticeGroup, minute: number, facts = loud): [string, NoticeGroup] => {
  const { notice, group: after } = flush(group, () => facts, at(minute));
  return [notice ? `${notice.reason} ${ids(notice.firing)}/${ids(notice.resolved)} of ${notice.open}` : '', after];
};

const empty = newGroup(DEFAULT_GROUPING);
const one = join(empty, alert('a'), at(0));

describe('a group', () => {
  it('waits 30 s for others, then tells of all of them once', () => {
    expect(tell(one, 0.4)[0]).toBe('');
    const [first, after] = tell(join(one, alert('b'), at(0.4)), 0.5);
    expect(first).toBe('first a,b/ of 2');
    expect(tell(after, 1)[0]).toBe('');
    expect(tell(after, 239)[0]).toBe('');
  });

  it('tells of what is new after its interval, and lists only that', () => {
    const [, after] = tell(one, 1);
    const two = join(after, alert('b'), at(2));
    expect(tell(two, 5)[0]).toBe('');
    expect(tell(two, 6)[0]).toBe('new_in_group b/ of 2');
  });

  it('tells of an end at once', () => {
    const [, after] = tell(join(one, alert('b'), at(0)), 1);
    const [text, left] = tell(leave(after, alert('a')), 1.1);
    expect(text).toBe('resolved /a of 1');
    expect(tell(leave(left, alert('b')), 1.2)[0]).toBe('all_resolved /b of 0');
  });

  it('says nothing of what ended before anybody was told', () => {
    expect(tell(leave(one, alert('a')), 10)).toEqual(['', empty]);
  });

  it('repeats after four hours what nobody has acknowledged', () => {
    const [, after] = tell(one, 1);
    expect(tell(after, 241)[0]).toBe('repeat a/ of 1');
    expect(tell(after, 241, { muted: false, acknowledged: true })[0]).toBe('');
  });

  it('tells again of what got worse', () => {
    const [, after] = tell(join(empty, alert('a', 'warning'), at(0)), 1);
    expect(tell(join(after, alert('a'), at(2)), 6)[0]).toBe('new_in_group a/ of 1');
  });

  it('keeps quiet about what is muted, and looks again soon', () => {
    const muted = { muted: true, acknowledged: false };
    expect(tell(one, 10, muted)[0]).toBe('');
    expect(flush(one, () => muted, at(10)).nextLookAt).toEqual(at(10.5));
    expect(tell(one, 11)[0]).toBe('first a/ of 1');
    const [, after] = tell(one, 1);
    expect(tell(leave(after, alert('a')), 2, muted)[1].members).toEqual([]);
  });

  it('begins anew when all is over: the next alert is a first one, with a number of its own', () => {
    const [, told] = tell(one, 1);
    const [, over] = tell(leave(told, alert('a')), 2);
    const again = join(over, { ...alert('a'), episode: 2 }, at(3));
    expect(tell(again, 3.4)[0]).toBe('');
    expect(flush(again, () => loud, at(3.5)).notice).toMatchObject({ reason: 'first', step: 2 });
  });

  it('knows when to be looked at', () => {
    expect(flush(one, () => loud, at(0)).nextLookAt).toEqual(at(0.5));
    expect(flush(one, () => loud, at(1)).nextLookAt).toEqual(at(241));
    expect(flush(empty, () => loud, at(0)).nextLookAt).toBeNull();
  });
});
