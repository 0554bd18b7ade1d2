import { describe, expect, it } from '@jest/globals';
import type { Commit } from '../../executions/index.js';
import type { Planned } from '../board/board.service.js';
import { RoomMemory } from './room-memory.js';

const commits = (from: number, count: number): Commit[] =>
  Array.from({ length: count }, (_, i) => ({ position: from + i }) as Commit);
const widget = (id: string, stamp: string): Planned => ({ widget: { id }, stamp }) as Planned;
const positions = (memory: RoomMemory): [number[], boolean] => {
  const { commits: taken, everything } = memory.take('r');
  return [taken.map(({ position }) => position), everything];
};

describe('the memory of a room', () => {
  it('gives each commit to one turn, and those of a turn that failed to the next', () => {
    const memory = new RoomMemory();
    memory.note('r', commits(1, 1));
    expect(memory.take('r')).toEqual({ commits: [], everything: true });
    memory.learn('r', 1, []);
    memory.note('r', commits(2, 2));
    const turn = memory.take('r');
    memory.note('r', commits(4, 1));
    memory.giveBack('r', turn);
    expect(positions(memory)).toEqual([[4, 2, 3], false]);
    expect(positions(memory)).toEqual([[], false]);
  });

  it('takes too many for anything, and keeps what comes in meanwhile', () => {
    const memory = new RoomMemory();
    memory.learn('r', 1, []);
    memory.note('r', commits(1, 2_001));
    memory.note('r', commits(5_000, 1));
    const turn = memory.take('r');
    expect(turn).toEqual({ commits: [], everything: true });
    memory.note('r', commits(6_000, 1));
    expect(positions(memory)).toEqual([[6_000], false]);
    memory.giveBack('r', turn);
    expect(positions(memory)).toEqual([[], true]);
  });

  it('knows which widgets are other questions, and asks again for those that nobody was answered', () => {
    const memory = new RoomMemory();
    const [a, b] = [widget('a', '1'), widget('b', '1')];
    memory.begin('r', 1, [a, b]);
    memory.begin('r', 2, [widget('a', '2')]);
    expect([memory.versionOf('r'), memory.isNew('r', a), memory.isNew('r', widget('a', '2'))]).toEqual([
      1,
      false,
      true,
    ]);
    memory.unlearn('r', ['b']);
    expect([a, b].map((one) => memory.isNew('r', one))).toEqual([false, true]);
    memory.keepOnly(new Set());
    expect(memory.isNew('r', a)).toBe(true);
  });
});
