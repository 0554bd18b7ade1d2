import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatPath, levelsBelow, nextLevel, parsePath, type PathSegment } from './drill-path.js';

describe('parsePath', () => {
  it('has no segments without a path', () => {
    expect(parsePath(undefined)).toEqual([]);
    expect(parsePath('')).toEqual([]);
  });

  it('reads one text, repeated texts, and values with plain slashes', () => {
    const expected = [
      { kind: 'project', value: 'web' },
      { kind: 'suite', value: 'checkout/cart' },
    ];
    expect(parsePath('project:web/suite:checkout%2Fcart')).toEqual(expected);
    expect(parsePath(['project:web', 'suite:checkout%2Fcart'])).toEqual(expected);
    expect(parsePath('project:web/suite:checkout/cart')).toEqual(expected);
  });

  it('reads (none) as no value', () => {
    expect(parsePath('owner:(none)')).toEqual([{ kind: 'owner', value: '' }]);
  });

  it.each(['web', 'galaxy:web', 'suite:%zz', Array(13).fill('suite:a').join('/')])('refuses %s', (path) => {
    expect(() => parsePath(path)).toThrow(expect.objectContaining({ code: 'invalid_path' }));
  });

  it('reads back what formatPath writes', () => {
    const segment = fc.record({
      kind: fc.constantFrom<PathSegment['kind']>('project', 'suite', 'test', 'tag', 'cluster', 'hour'),
      value: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '(none)'),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
        expect(parsePath(formatPath(segments))).toEqual(segments);
      }),
    );
  });
});

describe('levelsBelow', () => {
  it('goes from the organization to the steps', () => {
    expect(nextLevel([])).toBe('organization');
    expect(nextLevel(['organization'])).toBe('team');
    expect(nextLevel(['project'])).toBe('suite');
    expect(nextLevel(['suite', 'project'])).toBe('test');
    expect(nextLevel(['test'])).toBe('result');
    expect(levelsBelow(['test', 'result'])).toEqual(['step']);
  });

  it('goes from a day to its hours, from an hour on down, and from a cluster to results', () => {
    expect(nextLevel(['project', 'day'])).toBe('hour');
    expect(nextLevel(['project', 'day', 'hour'])).toBe('suite');
    expect(levelsBelow(['day', 'hour'])).not.toContain('day');
    expect(levelsBelow(['cluster'])).toEqual(['result']);
  });
});
