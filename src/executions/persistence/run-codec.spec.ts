import { describe, expect, it } from '@jest/globals';
import { runFields } from './run-codec.js';

describe('runFields', () => {
  it('leaves out members that were not given: MongoDB would store them as null', () => {
    const commitTime = new Date(0);
    const run = { build: { id: 'b', shard: undefined, shards: undefined }, ci: { provider: 'x', url: undefined } };
    expect(runFields({ ...run, commitTime, branch: undefined })).toStrictEqual({
      ...{ build: { id: 'b' }, ci: { provider: 'x' } },
      commitTime,
    });
  });
});
