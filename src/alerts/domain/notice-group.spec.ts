import { describe, expect, it } from '@jest/globals';
import { drop, flush, join, leave, type Member, newGroup, type NoticeGroup, relocate } from './notice-group.js';
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

  it('lets an alert go without a word', () => {
    const [, after] = tell(join(one, alert('b'), at(0)), 1);
    const [text, left] = tell(drop(after, alert('a')), 2);
    expect([text, ids(left.members)]).toEqual(['', 'b']);
  });

  it('knows when to be looked at', () => {
    expect(flush(one, () => loud, at(0)).nextLookAt).toEqual(at(0.5));
    expect(flush(one, () => loud, at(1)).nextLookAt).toEqual(at(241));
    expect(flush(empty, () => loud, at(0)).nextLookAt).toBeNull();
  });
});

describe('an alert that goes to other groups', () => {
  const [, told] = tell(join(one, alert('b'), at(0)), 1);
  const groupsOf = (...entries: [string, string, NoticeGroup][]) =>
    new Map(entries.map(([groupId, channelId, group]) => [groupId, { channelId, group }]));
  const membersOf = (groups: ReadonlyMap<string, NoticeGroup>): [string, string][] =>
    [...groups].map(([groupId, { members }]) => [groupId, ids(members)]);

  it('is new to another channel, and nothing is said where it was', () => {
    const groups = groupsOf(['old', 'mail', told], ['new', 'chat', empty]);
    const changed = relocate(groups, new Set(['new']), alert('a'), at(2));
    expect(membersOf(changed)).toEqual([
      ['old', 'b'],
      ['new', 'a'],
    ]);
    expect(tell(changed.get('old')!, 3)[0]).toBe('');
    expect(tell(changed.get('new')!, 3)[0]).toBe('first a/ of 1');
  });

  it('is no news to a channel that knows it, which repeats it and tells of its end as before', () => {
    const changed = relocate(
      groupsOf(['old', 'mail', told], ['new', 'mail', empty]),
      new Set(['new']),
      alert('a'),
      at(2),
    );
    const moved = changed.get('new')!;
    expect(tell(moved, 240)[0]).toBe('');
    expect(tell(moved, 241)[0]).toBe('repeat a/ of 1');
    expect(tell(leave(moved, alert('a')), 3)[0]).toBe('all_resolved /a of 0');
    // the newest message counts, whichever group it was of
    const later = { ...empty, lastAt: at(9) };
    expect(
      relocate(groupsOf(['old', 'mail', told], ['new', 'mail', later]), new Set(['new']), alert('a'), at(10)).get(
        'new',
      ),
    ).toMatchObject({ lastAt: at(9) });
  });

  it('waits no longer than it would have, where nobody was told yet', () => {
    const groups = groupsOf(['old', 'mail', one], ['new', 'mail', empty]);
    const moved = relocate(groups, new Set(['new']), alert('a'), at(0.4)).get('new')!;
    expect([moved.lastAt, tell(moved, 0.5)[0]]).toEqual([null, 'first a/ of 1']);
  });

  it('changes nothing where it belongs already, and takes no end along that is still to be told', () => {
    expect(relocate(groupsOf(['old', 'mail', told]), new Set(['old']), alert('a'), at(2)).size).toBe(0);
    const over = leave(told, alert('a'));
    const changed = relocate(
      groupsOf(['old', 'mail', over], ['new', 'mail', empty]),
      new Set(['new']),
      { ...alert('a'), episode: 2 },
      at(2),
    );
    expect(membersOf(changed)).toEqual([['new', 'a']]);
  });
});
