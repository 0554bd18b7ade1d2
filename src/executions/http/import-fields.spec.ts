import { describe, expect, it } from '@jest/globals';
import { bodyOfFields } from './import-fields.js';

describe('bodyOfFields', () => {
  it('reads text, numbers, JSON, members and lists', () => {
    expect(
      bodyOfFields([
        ['branch', 'main'],
        ['environment', ''],
        ['workers', '4'],
        ['build.id', 'b'],
        ['build.shard', '2'],
        ['metrics', '{"a": 1}'],
        ['metrics.coverage.lines', '81.5'],
        ['attributes.runner', '5'],
        ['tags', 'a, b'],
        ['tags', '["c"]'],
      ]),
    ).toEqual({
      branch: 'main',
      workers: 4,
      build: { id: 'b', shard: 2 },
      metrics: { a: 1, 'coverage.lines': 81.5 },
      attributes: { runner: '5' },
      tags: ['a', 'b', 'c'],
    });
  });

  it('is empty for no fields', () => {
    expect(bodyOfFields([])).toEqual({});
  });

  it.each([['__proto__'], ['constructor'], ['attributes.__proto__'], ['metrics.constructor']])(
    'refuses %s',
    (field) => {
      expect(() => bodyOfFields([[field, '1']])).toThrow();
    },
  );

  it('refuses JSON that is none', () => {
    expect(() => bodyOfFields([['metrics', '{']])).toThrow();
  });
});
